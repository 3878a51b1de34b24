// terms.js: the terminal's own terms in two languages: triggers, refusals, flows, guards, screens, tags, fields and bits. English is what the
// bench's own tables say; a term that is missing here shows in the bench's words.
const trigger = {
  "customer.digit": ["Digit keyed", "键入数字"], "customer.enter": ["Go-on key pressed", "按下继续键"], "customer.clear": ["Clear key pressed", "按下清除键"],
  "customer.cancel": ["Cancel key pressed", "按下取消键"], "customer.presented": ["Card presented", "出示卡片"], "customer.two_cards": ["Two cards in the field", "感应区有两张卡"],
  "customer.amount": ["Amount asked to be paid", "请求支付金额"], "customer.card": ["Card that may pay was read", "读到可付款的卡"],
  "operator.menu": ["Menu asked for", "打开菜单"], "operator.void": ["Void asked for", "请求撤销"], "operator.refund": ["Refund asked for", "请求退款"],
  "operator.reprint": ["Copy of a receipt asked for", "请求重印小票"], "operator.refund_amount": ["Amount asked to be refunded", "请求退款金额"],
  "operator.x_totals": ["Totals so far asked for", "请求 X 汇总"], "operator.z_totals": ["Shift closed", "交班 Z 汇总"], "operator.settle": ["Settlement asked for", "请求结算"],
  "operator.training": ["Training switched", "切换培训模式"], "operator.self_test": ["Self-test asked for", "请求自检"], "operator.login": ["Log-in asked for", "请求登录"],
  "settings.staged": ["New settings came in", "收到新设置"], "settings.condition": ["News from outside came in", "收到外部消息"], "settings.shop_hours": ["Shop opened or closed", "店铺开门或打烊"],
  "settings.settle_time": ["Hour of settlement has come", "到结算时间"],
  "network.owed": ["Something is owed to the bank", "有欠银行的事项"], "network.connect": ["Bank is to be reached", "连接银行"], "network.link_up": ["Line to the bank is up", "银行线路接通"],
  "network.link_down": ["Line to the bank went down", "银行线路断开"], "network.settled": ["What was owed is settled", "所欠事项已了结"],
  "health.started": ["Terminal started", "终端启动"], "health.owed_long": ["Reversal owed for long", "冲正久未完成"], "health.paper_out": ["Paper is out", "缺纸"],
  "health.printer_silent": ["Printer does not answer", "打印机无应答"], "health.printer_prints": ["Printer prints again", "打印机恢复"], "health.reader_deaf": ["Reader does not answer", "读卡器无应答"],
  "health.reader_heard": ["Reader answers again", "读卡器恢复"], "health.task_died": ["Task died, started again", "任务中断后重启"], "health.safe_stop": ["A vital part keeps dying", "关键部分反复中断"],
  "health.battery_low": ["Battery is low", "电量低"], "health.battery_critical": ["Battery is nearly empty", "电量将尽"], "health.battery_fine": ["Battery is well again", "电量恢复"],
  "health.mains_lost": ["Mains went", "市电中断"], "health.mains_back": ["Mains came back", "市电恢复"], "health.case_cool": ["Case is cool again", "机壳已降温"],
  "health.case_warm": ["Case is warm", "机壳偏热"], "health.case_hot": ["Case is hot", "机壳很热"], "health.case_too_hot": ["Case is too hot", "机壳过热"],
  "health.fan_stalled": ["Fan stands still", "风扇停转"], "health.fan_turns": ["Fan turns again", "风扇恢复"], "health.head_cool": ["Print head is cool again", "打印头已降温"],
  "health.head_hot": ["Print head is hot", "打印头很热"], "health.head_too_hot": ["Print head is too hot", "打印头过热"], "health.dark": ["It grew dark", "环境变暗"],
  "health.bright": ["It grew bright", "环境变亮"], "health.sense_lost": ["Sensor is not believed", "传感器不可信"], "health.sense_back": ["Sensor is believed again", "传感器恢复可信"],
  "health.key_stuck": ["Key down for ten seconds", "按键卡住十秒"], "health.key_free": ["Stuck key is up again", "卡键已松开"], "health.screen_dead": ["Display does not answer", "屏幕无应答"],
  "health.screen_back": ["Display answers again", "屏幕恢复"], "security.wrong_mac": ["Answer with a wrong MAC", "应答 MAC 错误"], "security.clock_jumped": ["Clock jumped", "时钟跳变"],
  "security.clock_back": ["Clock is right again", "时钟已正确"], "security.case_opened": ["Case was opened", "机壳被打开"], "security.case_closed": ["Case was closed", "机壳已关闭"],
};
const origin = {
  customer: ["Customer", "顾客"], operator: ["Operator", "操作员"], settings: ["Settings", "设置"], network: ["Network", "网络"], health: ["Health", "设备状态"],
  security: ["Security", "安全"], bench: ["Bench", "实验台"],
};
const refusal = {
  E01: ["The front is busy with another flow.", "前台正忙于另一流程。"], E02: ["Too many triggers of this origin wait.", "此来源的触发器太多。"], E03: ["No rule begins with it.", "没有以此开始的规则。"],
  E04: ["No session asks for it.", "当前流程不需要它。"], S01: ["No keys are loaded.", "尚未装入密钥。"], S02: ["The terminal is locked.", "终端已锁定。"], S06: ["The clock jumped.", "时钟发生跳变。"],
  L01: ["The amount is over the limit of one payment.", "金额超过单笔限额。"], L02: ["The limit of the day is reached.", "已达当日限额。"], L03: ["Payments of this type are not allowed here.", "此处不允许这类交易。"],
  L04: ["Too much waits for settlement.", "待结算金额过多。"], L05: ["This card has paid enough today.", "此卡今日已达限额。"], W01: ["The shop is closed at this hour.", "此时店铺已打烊。"],
  W02: ["Today is a holiday.", "今天是节假日。"], W03: ["Today is in a closed period.", "今天在停业期内。"], H01: ["The battery is low and mains is away.", "电量低且无市电。"],
  H02: ["The case is too hot.", "机壳过热。"], C02: ["News from outside forbid it.", "外部消息不允许。"], C03: ["News from outside are awaited.", "正在等待外部消息。"],
  T03: ["Training is on.", "培训模式已开。"], T04: ["Training is off.", "培训模式未开。"], A01: ["Nobody with the role for it has logged in.", "没有相应角色登录。"], A02: ["The PIN was wrong.", "密码错误。"],
  A03: ["Too many tries.", "尝试次数过多。"], K01: ["This is no kiosk with one price.", "这不是固定价格的自助机。"], K02: ["This kiosk has one price.", "此自助机只有一个价格。"], K03: ["Something must be chosen first.", "请先选择。"],
  R01: ["What was open at the last start is still being looked at.", "仍在核对上次未完成的交易。"], R02: ["Nothing is owed.", "没有所欠事项。"], R03: ["The batch is empty.", "批次为空。"],
  F02: ["The journal is full.", "日志已满。"], D01: ["The card reader does not answer.", "读卡器无应答。"],
};
const flow = {
  sale: ["The sale began.", "消费开始。"], practice: ["A sale for practice began.", "练习消费开始。"], menu: ["The menu opened.", "菜单打开。"], void: ["The void began.", "撤销开始。"],
  refund: ["The refund began.", "退款开始。"], reprint: ["A copy is printed.", "开始重印。"], x_totals: ["The totals so far are printed.", "打印 X 汇总。"], z_totals: ["The shift is closed.", "开始交班。"],
  settle: ["The settlement began.", "结算开始。"], training: ["Training is switched.", "切换培训模式。"], self_test: ["The self-test began.", "自检开始。"], login: ["The log-in began.", "登录开始。"],
  reload: ["The settings are taken over.", "采用新设置。"], condition: ["The news are noted.", "已记下外部消息。"], note: ["It is noted.", "已记下。"], drain: ["What is owed is told to the bank.", "向银行了结所欠。"],
  connect: ["The bank is called.", "正在呼叫银行。"], recover: ["What was open is looked at.", "核对未完成的交易。"], alarm: ["The alarm is switched.", "切换告警。"],
  shut_down: ["The terminal switches itself off.", "终端自行关机。"], save_power: ["Power is saved, or no longer.", "切换省电。"], climate: ["The fan is set.", "调整风扇。"], light: ["The display is set.", "调整屏幕亮度。"],
  safe_stop: ["The terminal stops.", "终端停机。"],
};
const guard = {
  unlocked: ["the terminal is not locked", "终端未锁定"], keyed: ["its keys are loaded", "密钥已装入"], type_allowed: ["this type is allowed here", "此类交易允许"],
  recovered: ["nothing is open from the last start", "上次未完成的已核对"], room_on_record: ["the journal has room", "日志有空间"], reader_hears: ["the card reader answers", "读卡器有应答"],
  something_owed: ["something is owed", "有所欠事项"], something_to_settle: ["the batch holds a payment", "批次中有交易"], battery_enough: ["battery or mains will do", "电量或市电足够"],
  cool_enough: ["the case is not too hot", "机壳不过热"], clock_good: ["the clock has not jumped", "时钟未跳变"], open_hours: ["the shop is open now", "店铺在营业时间"],
  no_holiday: ["today is no holiday", "今天不是节假日"], no_closed_period: ["no closed period today", "今天不在停业期"], conditions_allow: ["news from outside allow it", "外部消息允许"],
  kiosk: ["a kiosk of that kind", "是该类自助机"], not_kiosk: ["no kiosk of that kind", "不是该类自助机"], training: ["training is on", "培训模式已开"], not_training: ["training is off", "培训模式未开"],
  role_for: ["the role for it is there", "有相应角色"], single: ["within the limit of one payment", "在单笔限额内"], daily: ["within the limit of the day", "在当日限额内"],
  cumulative: ["within the limit until settlement", "在结算前限额内"], per_card: ["within this card's limit", "在此卡限额内"],
};
const tag = {
  "42": ["issuer number", "发卡机构号"], "4F": ["application identifier", "应用标识"], "50": ["application label", "应用标签"], "57": ["track 2 equivalent", "二磁道等效数据"],
  "5A": ["account number", "主账号"], "5F24": ["expiry date", "失效日期"], "5F25": ["effective date", "生效日期"], "5F28": ["issuer country", "发卡国家"], "5F2A": ["currency", "交易货币"],
  "5F2D": ["language preference", "首选语言"], "5F34": ["sequence number", "卡序号"], "61": ["directory entry", "目录条目"], "6F": ["file control information", "文件控制信息"],
  "70": ["record template", "记录模板"], "77": ["response template 2", "响应模板 2"], "80": ["response template 1", "响应模板 1"], "82": ["interchange profile (AIP)", "应用交互特征（AIP）"],
  "83": ["command template", "命令模板"], "84": ["dedicated file name", "专用文件名"], "87": ["priority", "优先级"], "8C": ["CDOL1", "CDOL1"], "8D": ["CDOL2", "CDOL2"],
  "8E": ["verification methods", "持卡人验证方法"], "94": ["file locator (AFL)", "文件定位器（AFL）"], "95": ["terminal verification results (TVR)", "终端验证结果（TVR）"],
  "9A": ["transaction date", "交易日期"], "9C": ["transaction type", "交易类型"], A5: ["proprietary template", "专有模板"], BF0C: ["issuer data", "发卡行自定数据"],
  "9F02": ["amount, authorised", "授权金额"], "9F03": ["amount, other", "其他金额"], "9F06": ["application identifier (terminal)", "应用标识（终端）"], "9F07": ["usage control", "应用用途控制"],
  "9F0D": ["issuer action code, default", "发卡行行为代码（缺省）"], "9F0E": ["issuer action code, denial", "发卡行行为代码（拒绝）"], "9F0F": ["issuer action code, online", "发卡行行为代码（联机）"],
  "9F10": ["issuer application data", "发卡行应用数据"], "9F1A": ["terminal country", "终端国家"], "9F21": ["transaction time", "交易时间"], "9F26": ["application cryptogram", "应用密文"],
  "9F27": ["cryptogram information (CID)", "密文信息（CID）"], "9F2A": ["kernel identifier", "内核标识"], "9F33": ["terminal capabilities", "终端能力"], "9F34": ["CVM results", "持卡人验证结果"],
  "9F35": ["terminal type", "终端类型"], "9F36": ["transaction counter (ATC)", "交易计数器（ATC）"], "9F37": ["unpredictable number", "不可预知数"], "9F38": ["PDOL", "PDOL"],
  "9F4E": ["merchant name", "商户名称"], "9F66": ["terminal qualifiers (TTQ)", "终端交易限定（TTQ）"], "9F6C": ["card qualifiers (CTQ)", "卡片交易限定（CTQ）"], "9F6E": ["form factor", "形态标识"],
  DF01: ["key serial number (KSN)", "密钥序列号（KSN）"], DF02: ["PIN block format", "密码块格式"], DF03: ["PIN block, enciphered", "密码块（已加密）"], DF04: ["account data, enciphered", "账户数据（已加密）"],
  DF05: ["trigger id", "触发器编号"],
};
const field = {
  2: ["account number, masked", "卡号（掩码）"], 3: ["processing code", "处理码"], 4: ["amount", "金额"], 7: ["transmission time", "传输时间"], 11: ["trace number (STAN)", "流水号（STAN）"],
  12: ["local time", "本地时间"], 13: ["local date", "本地日期"], 14: ["expiry", "有效期"], 22: ["entry mode", "输入方式"], 23: ["card sequence number", "卡序号"], 25: ["condition code", "条件码"],
  35: ["track 2", "二磁道"], 37: ["reference number (RRN)", "参考号（RRN）"], 38: ["authorisation code", "授权码"], 39: ["response code", "应答码"], 41: ["terminal id", "终端号"], 42: ["merchant id", "商户号"],
  49: ["currency", "货币"], 52: ["PIN data", "密码数据"], 53: ["security control", "安全控制"], 55: ["chip data", "芯片数据"], 60: ["batch number", "批次号"], 70: ["management code", "网络管理码"],
  90: ["original data", "原交易数据"], 126: ["private TLV set", "自定义 TLV"], 128: ["MAC", "报文鉴别码（MAC）"],
};
const mti = {
  "0200": ["financial request", "金融请求"], "0210": ["financial response", "金融应答"], "0220": ["advice", "通知"], "0230": ["advice response", "通知应答"], "0320": ["batch upload", "批上送"],
  "0330": ["batch upload response", "批上送应答"], "0400": ["reversal", "冲正"], "0401": ["reversal, repeated", "重发冲正"], "0410": ["reversal response", "冲正应答"], "0500": ["settlement request", "结算请求"],
  "0510": ["settlement response", "结算应答"], "0800": ["network management", "网络管理"], "0810": ["network management response", "网络管理应答"],
};
const bit = {
  "95.1.8": ["offline data authentication was not performed", "未进行脱机数据认证"], "95.1.6": ["card data missing", "卡片数据缺失"], "95.2.7": ["expired application", "应用已过期"],
  "95.2.5": ["requested service not allowed for the card product", "卡片不允许所请求的服务"], "95.3.8": ["cardholder verification was not successful", "持卡人验证未成功"],
  "95.3.3": ["online PIN entered", "已输入联机密码"], "95.4.8": ["transaction exceeds the floor limit", "超过最低限额"], "9F66.1.6": ["qVSDC supported", "支持 qVSDC"],
  "9F66.1.3": ["online PIN supported", "支持联机密码"], "9F66.2.8": ["online cryptogram required", "要求联机密文"], "9F66.2.7": ["CVM required", "要求持卡人验证"],
  "9F66.3.7": ["consumer device CVM supported", "支持设备端验证"], "9F6C.1.8": ["online PIN required", "要求联机密码"], "9F6C.1.7": ["signature required", "要求签名"],
  "9F6C.2.8": ["consumer device CVM performed", "已在设备端验证"],
};
const decision = {
  amount: ["guards on the amount", "对金额的条件"], card: ["guards on the card", "对卡片的条件"], candidate: ["application to try", "候选应用"], kernel: ["kernel", "内核"], ttq: ["terminal wants (TTQ)", "终端要求（TTQ）"],
  ctq: ["card decided (CTQ)", "卡片决定（CTQ）"], cid: ["kind of cryptogram", "密文类型"], cvm: ["cardholder is verified by", "持卡人验证方式"], tvr: ["terminal found (TVR)", "终端结果（TVR）"],
  iac: ["issuer declines when", "发卡行拒绝条件"], outcome: ["outcome of the tap", "本次感应的结果"],
};
const value = {
  none: ["nothing", "无需验证"], online_pin: ["PIN, checked by the bank", "密码，由银行验证"], device: ["the cardholder's device", "持卡人设备"], online: ["ask the bank", "联机问银行"], declined: ["declined at the card", "卡片拒绝"],
  ALLOWED: ["allowed", "允许"], allowed: ["allowed", "允许"], try_again: ["tap again", "再刷一次"], other_card: ["another card", "换一张卡"], see_phone: ["look at the phone", "请看手机"],
};
const money = {
  owed: ["Payment %s is owed: on record before its first byte leaves.", "交易 %s 未决：首字节发出前已记录。"], approved: ["Payment %s is approved, and that is on record.", "交易 %s 已批准并记录。"],
  declined: ["Payment %s is declined: nothing was charged.", "交易 %s 被拒绝：未扣款。"], "reversal due": ["Payment %s has no answer that counts: it is being undone.", "交易 %s 无有效应答：正在撤销。"],
  reversed: ["Payment %s is undone: nothing is charged.", "交易 %s 已撤销：未扣款。"],
};
const card = {
  directory: ["directory of applications", "应用目录"], app: ["application %s", "应用 %s"], record: ["file %s, record %s", "文件 %s，记录 %s"], pdol: ["what the PDOL asked for", "按 PDOL 提供"],
  ac: ["asks for %s", "请求 %s"], gone: ["no answer: the card has left", "无应答：卡片已移开"],
};
const area = {
  counters: ["key and trace counters", "密钥与流水计数器"], journal: ["journal", "日志"], slots: ["settings", "设置"], other: ["flash", "闪存"], record_owed: ["payment %s is owed", "交易 %s 未决"],
  record_outcome: ["outcome of payment %s", "交易 %s 的结果"], record_printed: ["receipt of payment %s printed", "交易 %s 的小票已打印"],
};
const bench = {
  field: ["Card held: %s", "出示卡片：%s"], tapped: ["Card tapped", "轻触卡片"], gone: ["%s taken away", "%s 拿开"], set: ["%s: %s", "%s：%s"], fault: ["Fault: %s", "故障：%s"], torn: ["Paper torn off", "撕下小票"],
  reset: ["A fresh terminal", "全新的终端"], pin: ["PIN entered", "密码已输入"], powerOn: ["Power on: the terminal starts", "通电：终端启动"], powerOff: ["Power off: the terminal records nothing", "断电：终端不再记录"],
  ended: ["The firmware ended; power on again", "固件结束；重新上电"],
};

const under = (head, table) => Object.fromEntries(Object.entries(table).map(([key, both]) => [`${head}.${key}`, both]));

export const TERMS = {
  ...under("trigger", trigger), ...under("origin", origin), ...under("refusal", refusal), ...under("flow", flow), ...under("guard", guard), ...under("tag", tag), ...under("field", field),
  ...under("mti", mti), ...under("bit", bit), ...under("decision", decision), ...under("value", value), ...under("money", money), ...under("cmd", card), ...under("area", area),
  ...under("did", bench),
};
