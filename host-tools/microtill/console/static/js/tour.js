// tour.js: ten steps for somebody who never used a terminal. Each task is checked by what the display showed, what happened and what the books
// say; it can be closed, resumed after a reload, shown by the page itself, or skipped. It never fails: what is not done stays open.
import { at, fill, h, icon, wait } from "./dom.js";
import { play } from "./keypad.js";
import { money } from "./money.js";
import { act, on, S } from "./state.js";
import { pair, sorry, t, tourWords } from "./words.js";
import { present } from "./wallet.js";

const KEPT = "microtill.tour",
  UNTIL_MS = 20_000,
  WINDOW = 3;
const fresh = () => ({ step: 0, did: 0, open: false, done: [], from: 0, known: [], papers: 0 });
const tour = { ...fresh(), seen: [], busy: false, sorry: null };

// what the checks look at, since the step began
const seen = (name, words = "") => tour.seen.some((screen) => screen.name === name && screen.text.includes(words));
const began = (name) =>
  S.rows.some((row) => row.n > tour.from && row.kind === "trigger" && `${row.origin}.${row.name}` === name && row.end === "started");
const paid = (wanted) =>
  (S.books?.rows || [])
    .filter((row) => !tour.known.includes(`${row.stan} ${row.field7}`))
    .some((row) => row.terminal && row.bank && !row.differs && wanted(row));
const booked = (kind, state, minor) =>
  paid((row) => row.kind === kind && row.terminal.state === state && (!minor || row.terminal.amount_minor === minor));
const around = (name) => S.live.environment[name];

const CHECKS = [
  [() => seen("tap", money(1250)), () => seen("reading") || seen("approved"), () => booked("sale", "approved", 1250)],
  [() => seen("tap"), () => seen("pin"), () => seen("approved") && booked("sale", "approved", 2000)],
  [() => seen("declined"), () => booked("sale", "declined")],
  [() => seen("again") || seen("cancelled"), () => booked("sale", "approved", 800)],
  [() => began("operator.void"), () => seen("confirm"), () => booked("void", "approved")],
  [() => began("operator.reprint"), () => S.live.papers > tour.papers],
  [
    () => around("bank") === "late",
    () => seen("asking") && !S.live.powered,
    () => S.live.powered && (seen("recovering") || seen("recovered")),
    () => around("bank") === "answers" && S.books?.agree && paid((row) => row.terminal.amount_minor === 1500),
  ],
  [() => around("paper") === "out", () => seen("paper_out"), () => around("paper") !== "out" && S.live.papers > tour.papers],
  [() => began("operator.x_totals"), () => seen("settled")],
  [() => seen("training_on"), () => seen("declined"), () => seen("training_off")],
];

// how the page itself does a task
async function until(done) {
  for (let waited = 0; waited < UNTIL_MS && !done(); waited += 50) await wait(50);
}
const shown = (...names) => until(() => names.includes(S.live.screen.name));
const rest = () => shown("ready");
const key = (keys) => async () => {
  await rest();
  await play(keys);
};
const tap = (card) => async () => {
  await shown("tap", "again");
  await present(card, "tap");
};
const set = (more) => () => act("environment", more);
const menu = (digit) => async () => {
  await rest();
  await play("C");
  await shown("menu");
  await play(digit);
};
const sale = (keys, card) => async () => {
  await key(keys)();
  await tap(card)();
};
const lastSale = () => String((S.books?.rows || []).filter((row) => row.kind === "sale" && row.terminal?.state === "approved").at(-1)?.stan ?? "");

async function pullInTheMiddle() {
  await sale("1500D", "visa")();
  await shown("asking");
  await wait(700);
  await act("fault", { fault: "power_off" });
}

const SHOWS = [
  [key("1250D"), tap("visa"), rest],
  [
    key("2000D"),
    tap("visa-pin"),
    async () => {
      await shown("pin");
      await play("1234D");
    },
  ],
  [sale("500D", "no-funds"), rest],
  [
    sale("800D", "pulled"),
    async () => {
      await wait(600);
      if (S.live.screen.name !== "again") {
        await key("800D")();
      }
      await tap("visa")();
    },
  ],
  [
    menu("1"),
    async () => {
      await shown("number");
      await play(`${lastSale()}D`);
    },
    async () => {
      await shown("confirm");
      await play("D");
    },
  ],
  [menu("3"), rest],
  [set({ bank: "late" }), pullInTheMiddle, () => act("fault", { fault: "power_on" }), set({ bank: "answers" })],
  [
    set({ paper: "out" }),
    sale("300D", "visa"),
    async () => {
      await act("environment", { paper: "full" });
      await wait(400);
      await play("D");
    },
  ],
  [menu("4"), menu("6")],
  [
    menu("7"),
    async () => {
      await key("705D")();
      await tap("visa")();
    },
    menu("7"),
  ],
];

function save() {
  const { step, did, open, done, from, known, papers } = tour;
  localStorage.setItem(KEPT, JSON.stringify({ step, did, open, done, from, known, papers }));
}

/** Begin a step: only what happens from now on counts. */
function enter(step) {
  Object.assign(tour, {
    step,
    did: 0,
    seen: [],
    sorry: null,
    from: S.rows.at(-1)?.n ?? 0,
    papers: S.live.papers,
    known: (S.books?.rows || []).map((row) => `${row.stan} ${row.field7}`),
  });
  save();
  draw();
}

function check() {
  if (!tour.open || tour.step >= CHECKS.length || !S.live) return;
  const before = tour.did,
    tasks = CHECKS[tour.step];
  while (tour.did < tasks.length && tasks[tour.did]()) tour.did += 1;
  if (tour.did === before) return;
  if (tour.did === tasks.length && !tour.done.includes(tour.step)) tour.done.push(tour.step);
  save();
  draw();
}

async function show() {
  const step = tour.step,
    task = tour.did;
  Object.assign(tour, { busy: true, sorry: null });
  draw();
  try {
    await SHOWS[step][task]();
    await until(() => tour.step !== step || tour.did > task);
  } catch (error) {
    tour.sorry = () => sorry(error);
  }
  tour.busy = false;
  draw();
}

export function open(on) {
  tour.open = on;
  if (on && !tour.from && S.live) enter(tour.step);
  save();
  draw();
  if (on) check();
}
export const isOpen = () => tour.open;

const mark = () =>
  icon("0 0 14 14", [
    ["circle", { cx: 7, cy: 7, r: 6 }],
    ["path", { d: "m4.2 7.2 2 2 3.6-4.2" }],
  ]);
const button = (name, words, onclick, more = "") => h("button.btn", { type: "button", class: more, "data-focus": `tour-${name}`, onclick }, words);
const shut = () =>
  h(
    "button.icon.tiny",
    {
      type: "button",
      "aria-label": t("closeTour"),
      "data-focus": "tour-close",
      onclick: () => {
        open(false);
        at("tour-button").focus();
      },
    },
    icon("0 0 20 20", [["path", { d: "m5.5 5.5 9 9m0-9-9 9" }]]),
  );

/** After the last step: done, or what was skipped. */
function ended(place, count) {
  const every = tour.done.length >= count;
  const again = () => {
    tour.done = [];
    enter(0);
  };
  fill(
    place,
    h("header", {}, h("p", {}, `${tour.done.length} / ${count}`), shut()),
    ticks(count),
    h("h3", { id: "h-tour" }, t(every ? "finished" : "tour")),
    every ? h("p.lead", {}, t("finishedWhat")) : null,
    h("div.acts", {}, button("again", t("again"), again, "solid")),
  );
}

function ticks(count) {
  const kind = (n) => (tour.done.includes(n) ? "on" : n === tour.step ? "now" : "");
  return h(
    "div.ticks",
    { "aria-hidden": "true" },
    Array.from({ length: count }, (_, n) => h("i", { class: kind(n) })),
  );
}

/** Words of a step, with its amounts as the shop's currency writes them. */
const told = (both) => pair(both).replace(/\{(\d+)\}/g, (_, minor) => money(minor));

/** Three tasks at most: the one that was done last, and what comes next. */
function tasks(list) {
  const first = Math.max(0, Math.min(tour.did - 1, list.length - WINDOW));
  return list.slice(first, first + WINDOW).map((task, n) => {
    const did = first + n < tour.did;
    return h("li", { class: did ? "did" : "" }, mark(), h("span", {}, told(task), did ? h("span.sr", {}, ` ${t("wasDone")}`) : null));
  });
}

function choices(ready) {
  if (ready) return button("next", t("nextStep"), () => enter(tour.step + 1), "solid");
  if (tour.busy) return h("p.lead", { role: "status" }, t("showing"));
  return [button("show", t("showMe"), show, "solid"), button("skip", t("skipStep"), () => enter(tour.step + 1))];
}

function draw() {
  const steps = tourWords(),
    place = at("tour"),
    step = steps[tour.step];
  place.hidden = !tour.open || !S.live;
  at("tour-button").setAttribute("aria-expanded", String(!place.hidden));
  if (place.hidden) return;
  if (!step) {
    ended(place, steps.length);
    return;
  }
  fill(
    place,
    h("header", {}, h("p", {}, t("stepOf", tour.step + 1, steps.length)), shut()),
    ticks(steps.length),
    h("h3", { id: "h-tour" }, told(step.title)),
    h("ol", { role: "list" }, tasks(step.tasks)),
    tour.sorry ? h("p.sorry", { role: "status" }, tour.sorry()) : null,
    h("div.acts", {}, choices(tour.did >= step.tasks.length)),
  );
}

export function begin(want) {
  try {
    Object.assign(tour, JSON.parse(localStorage.getItem(KEPT)) || {});
  } catch {
    Object.assign(tour, fresh());
  }
  if (want !== null) tour.open = want;
  on("screen", (screen) => {
    tour.seen.push(screen);
    if (tour.seen.length > 400) tour.seen.shift();
    check();
  });
  on("row books environment power paper faults", check);
  on("all", () => {
    if (tour.open && (!tour.from || tour.from > (S.rows.at(-1)?.n ?? 0))) enter(tour.step);
    draw();
    check();
  });
  on("lang", draw);
}
