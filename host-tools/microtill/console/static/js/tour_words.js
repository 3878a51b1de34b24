// tour_words.js: what the ten steps of the tour ask for, English then Simplified Chinese: a title, then its tasks in their order (tour.js knows
// when each is done). {1250} stands for that many minor units.
export const STEPS = [
  {
    title: ["Take {1250} by card", "刷卡收款 {1250}"],
    tasks: [
      ["Key 1250, then green D", "键入 1250，再按绿色 D"],
      ["Tap the card Approves", "轻触“批准”卡"],
      ["Approved once, in both books", "两边账本各批准一次"],
    ],
  },
  {
    title: ["A card with a PIN", "需要密码的卡"],
    tasks: [
      ["Key {2000} and go on", "键入 {2000} 并继续"],
      ["Tap the card Asks for a PIN", "轻触“需要密码”卡"],
      ["Enter 1234, D: approved", "输入 1234 并继续，看到批准"],
    ],
  },
  {
    title: ["A card is declined", "卡被拒绝"],
    tasks: [
      ["Take {500} from the card No money", "用“余额不足”卡收 {500}"],
      ["Declined in both books, nothing charged", "两边均为拒绝，未扣款"],
    ],
  },
  {
    title: ["It leaves too soon", "卡片移开太早"],
    tasks: [
      ["Take {800} from the card Pulled early", "用“提前移开”卡收 {800}"],
      ["Tap Approves instead, until it is approved", "改用“批准”卡，直到批准"],
    ],
  },
  {
    title: ["Void a payment", "撤销上一笔"],
    tasks: [
      ["Press C, then 1", "按 C，再按 1"],
      ["Key its STAN, then D", "键入小票上的流水号（STAN），按 D"],
      ["D: the void is in both books", "按 D 确认：两边均有撤销"],
    ],
  },
  {
    title: ["Another receipt", "重印小票"],
    tasks: [
      ["Press C, then 3", "按 C，再按 3"],
      ["The copy leaves the printer", "副本打印完成"],
    ],
  },
  {
    title: ["Pull the plug", "中途拔掉插头"],
    tasks: [
      ["Set Bank to Answers late", "把银行设为应答迟到"],
      ["Take {1500}; pull the plug while it asks the bank", "用“批准”卡收 {1500}；联系银行时拔掉插头"],
      ["Plug it in: it recovers", "插上插头：终端核对未完成的交易"],
      ["Bank to Answers: both agree", "银行设为正常应答：两边一致"],
    ],
  },
  {
    title: ["Paper runs out", "打印纸用完"],
    tasks: [
      ["Set Paper to Out", "把纸卷设为缺纸"],
      ["Take {300}: Paper is out", "用“批准”卡收 {300}：缺纸"],
      ["Set Paper to Full, then D prints it", "纸卷设为充足，按 D 打印"],
    ],
  },
  {
    title: ["Totals, settlement", "汇总与结算"],
    tasks: [
      ["Press C, then 4: the totals so far", "按 C，再按 4：X 汇总"],
      ["Press C, then 6: the batch is settled", "按 C，再按 6：批次结算"],
    ],
  },
  {
    title: ["Training mode", "培训模式"],
    tasks: [
      ["Press C, then 7: training is on", "按 C，再按 7：打开培训模式"],
      ["Take {705}: what ends with 5 is declined", "收 {705}：以 5 结尾的金额会被拒"],
      ["Press C, then 7: training is over", "按 C，再按 7：结束培训"],
    ],
  },
];
