// words.js: every word of the page, English then Simplified Chinese, in one table; terms.js adds those of the terminal's records to it. A key
// that is missing shows as itself, and tests/page finds it.
import { chinese, cited } from "./phrases.js";
import { on, S } from "./state.js";
import { TERMS } from "./terms.js";
import { STEPS } from "./tour_words.js";

export const WORDS = {
  // the bar
  skip: ["Skip to the terminal", "跳到终端"],
  bench: ["bench", "实验台"],
  title: ["Microtill bench", "Microtill 实验台"],
  time: ["Time", "时间"],
  clock: ["The bench's clock", "实验台时钟"],
  pace: ["Pace of time", "时间快慢"],
  "pace.real": ["Real", "实时"],
  "pace.x10": ["×10", "×10"],
  "pace.paused": ["Paused", "暂停"],
  step: ["Step 1 s", "前进 1 秒"],
  next: ["Next event", "下一事件"],
  night: ["03:00 tomorrow", "明天 03:00"],
  tour: ["Training tour", "培训导览"],
  recording: ["Save or replay a recording", "保存或重放记录"],
  link: ["A link to this state", "此状态的链接"],
  fresh: ["A fresh terminal", "全新的终端"],
  mute: ["Mute the buzzer", "静音"],
  theme: ["Dark theme", "深色主题"],
  other: ["中文", "English"],
  views: ["Views", "视图"],
  "view.terminal": ["Terminal", "终端"],
  "view.side": ["Surroundings", "环境"],
  "view.record": ["What happened", "发生了什么"],
  // hints under the bar
  recTitle: ["Recording", "记录"],
  recWhat: [
    "Everything done to this terminal since it began, with the world's time of each act. PIN digits are never in it.",
    "自开机以来对此终端的全部操作及其时刻。其中绝不含密码数字。",
  ],
  recHow: ["Replay it anywhere; it ends 0 where the same comes out:", "可在任何地方重放；结果相同则返回 0："],
  recSave: ["Save recording", "保存记录"],
  recNot: [
    "This terminal lives in a state folder, so its past is not in a seed and cannot be replayed. Start one without --state to record.",
    "此终端保存在状态文件夹中，其过去不由种子决定，无法重放。不带 --state 启动即可记录。",
  ],
  linkTitle: ["Link to this state", "此状态的链接"],
  linkWhat: [
    "Opens a console with this theme, language and view, and prepares this amount, card and fault. The token is not in it.",
    "打开后使用此主题、语言和视图，并备好此金额、卡片与故障。链接不含令牌。",
  ],
  amount: ["Amount", "金额"],
  card: ["Card", "卡片"],
  fault: ["Fault", "故障"],
  none: ["none", "无"],
  copy: ["Copy link", "复制链接"],
  copied: ["Copied", "已复制"],
  freshTitle: ["A fresh terminal", "全新的终端"],
  freshWhat: [
    "Throws this terminal away, with its journal and the bank's ledger, and starts a keyed one. What you did not save is gone.",
    "丢弃此终端及其日志与银行账本，换上一台已装密钥的新终端。未保存的内容将不复存在。",
  ],
  freshDo: ["Throw away and start fresh", "丢弃并重新开始"],
  close: ["Close", "关闭"],
  // cannot be reached
  coming: ["Looking for the bench", "正在寻找实验台"],
  away: ["The bench is not reached. What you see is what it last said. Next try in %s s.", "无法连接实验台。此处为其最后状态。%s 秒后重试。"],
  tokenTitle: ["This address has no right token", "此地址没有正确的令牌"],
  tokenWhat: [
    "The bench answers only to the window that it invited. Open the whole address that it printed when it was started:",
    "实验台只回应它邀请的窗口。请打开它启动时打印的完整地址：",
  ],
  // cards
  cards: ["Cards", "卡片"],
  how: ["How the card is held", "持卡方式"],
  "how.tap": ["Tap", "轻触"],
  "how.hold": ["Hold", "停留"],
  pulledAt: ["Card leaves", "卡片移开"],
  stays: ["as it likes", "随卡片"],
  atCommand: ["at command %s", "第 %s 条命令"],
  takeAway: ["Take it away", "拿开卡片"],
  takeBoth: ["Take both away", "拿开两张"],
  inField: ["At the reader: %s.", "感应区：%s。"],
  pin: ["PIN", "密码"],
  "card.visa": ["Approves", "批准"],
  "card.visa-pin": ["Asks for a PIN", "需要密码"],
  "card.mc": ["Never asks", "从不要密码"],
  "card.mc-pin": ["PIN if large", "大额要密码"],
  "card.phone": ["Phone", "手机"],
  "card.no-funds": ["No money", "余额不足"],
  "card.stolen": ["Stolen", "挂失卡"],
  "card.expired": ["Expired", "已过期"],
  "card.blocked": ["Blocked", "已锁卡"],
  "card.other-scheme": ["Not taken", "不受理"],
  "card.clone": ["Clone", "复制卡"],
  "card.pulled": ["Pulled early", "提前移开"],
  // surroundings
  conditions: ["Surroundings and faults", "环境与故障"],
  around: ["Surroundings", "环境"],
  faults: ["Faults", "故障"],
  network: ["Network", "网络"],
  "network.good": ["Good", "良好"],
  "network.slow": ["Slow", "缓慢"],
  "network.lossy": ["Lossy", "丢包"],
  "network.off": ["Off", "断开"],
  "network.first_off": ["First way off", "首选线路断开"],
  "network.second_off": ["Second way off", "备用线路断开"],
  bank: ["Bank", "银行"],
  "bank.answers": ["Answers", "正常应答"],
  "bank.late": ["Answers late", "应答迟到"],
  "bank.twice": ["Answers twice", "应答两次"],
  "bank.never": ["Never answers", "不应答"],
  "bank.wrong_mac": ["Wrong MAC", "MAC 错误"],
  "bank.wrong_amount": ["Wrong amount", "金额错误"],
  "bank.garbage": ["Sends garbage", "发送乱码"],
  "bank.down": ["Is down", "停机"],
  mains: ["Mains", "市电"],
  "mains.true": ["Plugged in", "已接通"],
  "mains.false": ["On battery", "用电池"],
  battery_percent: ["Battery", "电池"],
  paper: ["Paper", "纸卷"],
  "paper.full": ["Full", "充足"],
  "paper.low": ["Low", "不足"],
  "paper.out": ["Out", "缺纸"],
  case_open: ["Back door", "后盖"],
  "case_open.false": ["Shut", "关闭"],
  "case_open.true": ["Open", "打开"],
  case_c: ["Case", "机壳"],
  head_c: ["Print head", "打印头"],
  lux: ["Light", "光照"],
  hole_lux: ["Case light", "机壳内光"],
  cell_mv: ["Cell", "电池电压"],
  "cell_mv.0": ["its own", "自身"],
  // faults
  power_off: ["Power off", "断电"],
  power_at_flash: ["Power off at flash", "写闪存时断电"],
  share: ["How much is written", "写入多少"],
  "share.0": ["before", "写之前"],
  "share.0.5": ["half done", "写一半"],
  "share.1": ["after", "写完后"],
  reader_deaf: ["Reader deaf until", "读卡器失灵，直到"],
  remedy: ["What heals it", "如何恢复"],
  "remedy.wake": ["woken", "唤醒"],
  "remedy.reset": ["reset", "复位"],
  "remedy.power": ["repowered", "重新上电"],
  "remedy.dead": ["never", "永远"],
  key_stuck: ["Key stuck down", "按键卡住"],
  whichKey: ["Which key", "哪个键"],
  garbled_byte: ["One garbled byte", "一个错乱字节"],
  line: ["On which line", "在哪条线上"],
  "line.reader": ["reader", "读卡器"],
  "line.printer": ["printer", "打印机"],
  printer_silent: ["Printer silent", "打印机无响应"],
  sensor: ["Sensor fails", "传感器故障"],
  sensorWhich: ["Which sensor", "哪个传感器"],
  sensorHow: ["How it fails", "如何故障"],
  "sensor.gauge": ["battery", "电量计"],
  "sensor.thermometer": ["warmth", "温度计"],
  "sensor.light": ["light", "光感"],
  "sensor.rtc": ["clock", "时钟"],
  "how.dead": ["dead", "失效"],
  "how.stuck": ["stuck", "停滞"],
  "how.mad": ["mad", "乱跳"],
  now: ["Now", "立即"],
  arm: ["Arm", "预设"],
  armed: ["Armed", "已预设"],
  heal: ["Heal", "修复"],
  powerOn: ["Power on", "通电"],
  // the terminal
  terminal: ["Terminal", "终端"],
  keys: ["Keypad", "键盘"],
  terminalHelp: [
    "Terminal. Type digits; Enter goes on, Backspace clears, Escape cancels, M opens the menu.",
    "终端。可键入数字；回车继续，退格清除，Esc 取消，M 打开菜单。",
  ],
  "key.A": ["Cancel", "取消"],
  "key.B": ["Clear", "清除"],
  "key.C": ["Menu", "菜单"],
  "key.D": ["Go on", "继续"],
  "key.*": ["Star", "星号"],
  "key.#": ["Hash", "井号"],
  "light.power": ["Power", "电源"],
  "light.link": ["Bank line", "银行线路"],
  "light.alert": ["Attention", "注意"],
  lit: ["on", "亮"],
  unlit: ["off", "灭"],
  dark: ["The display is dark", "屏幕未亮"],
  zone: ["Hold card here", "请在此处感应"],
  plugOut: ["Pull the plug", "拔掉插头"],
  plugIn: ["Plug it in", "插上插头"],
  receipt: ["Receipt", "小票"],
  tear: ["Tear off", "撕下"],
  pile: ["Save PNG", "存为 PNG"],
  pileLabel: ["Save the newest of %s papers as PNG", "将 %s 张小票中最新一张存为 PNG"],
  // prepared acts
  prepared: ["Prepared by a link", "链接已备好"],
  go: ["Go", "执行"],
  drop: ["Drop it", "放弃"],
  notReady: ["The terminal is not at its first screen: finish or cancel first.", "终端不在起始屏幕：请先完成或取消。"],
  noCard: ["No such card here: %s.", "没有这张卡：%s。"],
  noAmount: ["That is no amount: %s.", "这不是金额：%s。"],
  noFault: ["No such fault here: %s.", "没有这种故障：%s。"],
  // what happened
  happened: ["What happened", "发生了什么"],
  filter: ["Show", "显示"],
  "filter.all": ["All", "全部"],
  "filter.refused": ["Refused", "被拒"],
  nothing: ["Nothing has happened yet.", "尚未发生任何事。"],
  nothingRefused: ["Nothing was refused.", "没有被拒的触发器。"],
  older: ["Show older", "显示更早"],
  taken: ["taken", "已接收"],
  started: ["started", "已启动"],
  refused: ["refused", "已拒绝"],
  act: ["not a trigger", "非触发器"],
  noted: ["on record", "已记录"],
  times: ["%s times", "%s 次"],
  // a story
  reading: ["Reading the story", "正在读取"],
  noStory: ["The bench no longer has this story.", "实验台已不再保留这段经过。"],
  "part.guards": ["Guards", "条件"],
  "part.card": ["Card", "卡片"],
  "part.bank": ["Bank", "银行"],
  "part.flash": ["Flash", "闪存"],
  "part.paper": ["Paper", "小票"],
  "part.seen": ["Seen", "所见"],
  passed: ["%s passed", "%s 项通过"],
  noGuard: ["taken by the flow that waited for it", "由等待它的流程接收"],
  didNot: ["%s did not pass", "%s 项未通过"],
  commands: ["%s commands, %s ms", "%s 条命令，%s 毫秒"],
  lastAnswer: ["no answer to the last", "最后一条无应答"],
  messages: ["%s sent, %s heard", "发出 %s，收到 %s"],
  written: ["%s writes, %s bytes", "%s 次写入，%s 字节"],
  erased: ["%s erased", "擦除 %s 次"],
  printed: ["%s printed", "打印 %s 张"],
  screens: ["%s screens", "%s 个屏幕"],
  sent: ["sent", "发出"],
  heard: ["heard", "收到"],
  bytes: ["%s B", "%s 字节"],
  allZero: ["nothing set", "均未置位"],
  byteBit: ["byte %s, bit %s", "字节 %s 位 %s"],
  // the books
  books: ["Journal and ledger", "终端日志与银行账本"],
  payment: ["Payment", "交易"],
  journal: ["Terminal", "终端"],
  ledger: ["Bank", "银行"],
  agree: ["The two agree.", "两边一致。"],
  differ1: ["1 payment differs.", "1 笔不一致。"],
  differ: ["%s payments differ.", "%s 笔不一致。"],
  noPayment: ["No payment yet.", "还没有交易。"],
  notKnown: ["not there", "没有"],
  wasDone: ["Done.", "完成。"],
  "kind.sale": ["sale", "消费"],
  "kind.void": ["void", "撤销"],
  "kind.refund": ["refund", "退款"],
  "state.approved": ["approved", "已批准"],
  "state.declined": ["declined", "已拒绝"],
  "state.reversed": ["reversed", "已冲正"],
  "state.voided": ["voided", "已撤销"],
  "state.owed": ["not known yet", "尚不知结果"],
  "state.reversal due": ["being undone", "正在撤销"],
  // the tour
  stepOf: ["Step %s of %s", "第 %s 步，共 %s 步"],
  showMe: ["Show me", "演示"],
  skipStep: ["Skip", "跳过"],
  nextStep: ["Next step", "下一步"],
  again: ["Start again", "重新开始"],
  closeTour: ["Close the tour", "关闭导览"],
  finished: ["All ten done", "十步全部完成"],
  finishedWhat: ["You can run this till.", "您已会使用这台终端。"],
  showing: ["Watch the keys", "请看按键"],
  // an act that was not done, by its code
  "err.away": ["The bench is not reached; nothing was done.", "无法连接实验台，未执行。"],
  "err.C403": ["Not from here", "此处不受理"],
  "err.C409": ["Not possible now", "现在无法执行"],
  "err.C404": ["No such thing here", "没有此项"],
  "err.C422": ["Not in range", "超出范围"],
  "err.C400": ["Not understood", "无法理解"],
  "err.C429": ["Too many acts at once: wait a moment.", "操作过快：请稍候。"],
  "err.C401": ["The token is not right.", "令牌不正确。"],
  "err.other": ["It was not done", "未执行"],
  ...TERMS,
};

const place = () => (S.lang === "zh" ? 1 : 0);
const filled = (text, values) => values.reduce((sum, value) => sum.replace("%s", () => value), text);

/** The words for a key in the page's language, %s filled in turn. */
export function t(key, ...values) {
  const pair = WORDS[key];
  return pair ? filled(pair[place()], values) : key;
}

/** What the bench says in English, in the page's language. */
export const said = (words) => (S.lang === "zh" && chinese(words)) || words;

/** Parts of a sentence, one after the other; parts that are sentences of their own. */
export const listed = (parts) => parts.join(S.lang === "zh" ? "，" : ", ");
export const apart = (parts) => parts.join(S.lang === "zh" ? "；" : "; ");

/** What a step rests on, in the page's language. */
export const clause = (words) => (S.lang === "zh" ? cited(words) : words);

/** The words for a key, or what else there is to say in their place. */
export const or = (key, words, ...values) => (WORDS[key] ? t(key, ...values) : said(words));
export const pair = (both) => both[place()];
export const tourWords = () => STEPS;

const regrets = new Map();

/** Tell below a control that its act was refused, and again in the other language where the page changes to it while that still stands. */
export function regret(node, error) {
  node.textContent = sorry(error);
  regrets.set(node, { error, words: node.textContent });
}

on("lang", () => {
  for (const [node, { error, words }] of regrets) {
    if (node.isConnected && node.textContent === words) regret(node, error);
    else regrets.delete(node);
  }
});

/** An act that was refused, as one sentence. */
export function sorry(error) {
  const known = WORDS[`err.${error.code}`] || WORDS["err.other"];
  if (error.code === "away" || !error.message) return pair(known);
  const words = error.message.endsWith(".") ? error.message : `${error.message}.`;
  if (S.lang !== "zh") return words.charAt(0).toUpperCase() + words.slice(1);
  const told = chinese(error.message);
  return told ? `${told}。` : `${known[1]}（${error.code}）`;
}
