// happened.js: the line of triggers as they come, newest first, with what the bench did between them; one opens its story. Rows that say the
// same one after the other stand as one.
import { at, fill, h, icon, narrow, still, strip } from "./dom.js";
import { on, S } from "./state.js";
import { story } from "./story.js";
import { listed, or, t } from "./words.js";
import { called } from "./wallet.js";

const PAGE = 60,
  TOGETHER_MS = 80;
const MARKS = {
  taken: [["circle", { cx: 6, cy: 6, r: 4.2 }]],
  started: [["circle", { cx: 6, cy: 6, r: 5, class: "fill" }]],
  refused: [
    ["circle", { cx: 6, cy: 6, r: 4.6 }],
    ["path", { d: "m3 9 6-6" }],
  ],
  act: [["rect", { x: 1.8, y: 1.8, width: 8.4, height: 8.4, rx: 1.5 }]],
  noted: [["path", { d: "M2 3h8M2 6h8M2 9h5" }]],
};
const view = { filter: "all", most: PAGE, open: null, told: null };
let timer = 0;

/** Rows as entries, oldest first: {row, end, title, why, from, code, run, times}. A run is what one front flow started and took. */
function entries(rows) {
  const made = [];
  let front = null;
  for (const row of rows) {
    if (row.kind === "trigger" && row.end === "started" && row.lane === "front") front = row.trigger;
    if (row.kind === "power" || (row.kind === "act" && row.what.startsWith("power cut"))) front = null;
    const entry = { row, ...(OF[row.kind] || ofAct)(row) };
    entry.run = OF[row.kind] && front && (row.trigger === front || row.end === "taken") ? front : null;
    const before = made.at(-1);
    if (
      before &&
      before.end === entry.end &&
      before.title === entry.title &&
      before.why === entry.why &&
      before.run === entry.run &&
      entry.end !== "started"
    ) {
      before.times += 1;
      before.row = row;
    } else made.push({ ...entry, times: 1, first: row.n });
  }
  return made;
}

function ofTrigger(row) {
  const flow = (row.flow || "").replace(/^flows\./, "");
  const why = row.end === "refused" ? or(`refusal.${row.reason}`, row.reason) : row.end === "started" ? or(`flow.${flow}`, flow) : "";
  return {
    end: row.end,
    title: or(`trigger.${row.origin}.${row.name}`, `${row.origin} ${row.name}`),
    why,
    from: or(`origin.${row.origin}`, row.origin),
    code: row.end === "refused" ? row.reason : row.end === "started" ? flow : "",
  };
}

/** What became of a payment, as the journal has it. */
function ofMoney(row) {
  return { end: "noted", title: t("did.money", row.stan, or(`state.${row.state}`, row.state)), why: "", from: t("origin.journal"), code: "" };
}

const OF = { trigger: ofTrigger, money: ofMoney };

function ofAct(row) {
  const from = t("origin.bench");
  if (row.kind === "power") return { end: "act", title: t(row.what === "on" ? "did.powerOn" : "did.powerOff"), why: "", from, code: "" };
  return { end: "act", title: did(row.what), why: "", from, code: "" };
}

const DID = { "card tapped": "did.tapped", "PIN entered": "did.pin", "settings handed over": "did.settings" };

/** What the bench did, in the page's words; what the page has no words for as the bench says it. */
function did(what) {
  const card = /^card (\S+) in the field$/.exec(what),
    broken = /^fault: (\w+)(.*)$/.exec(what);
  if (card) return t("did.field", called(card[1]));
  if (/^power cut/.test(what)) return t("did.powerOff");
  if (/^(the firmware )?ended/.test(what)) return t("did.ended");
  if (DID[what]) return t(DID[what]);
  if (broken) return t("did.fault", faultWords(broken[1], broken[2].trim()));
  if (/^\w+ = /.test(what))
    return listed(
      what.split(", ").map((part) => {
        const [name, value] = part.split(" = ");
        return t("did.set", t(name), setWords(name, value));
      }),
    );
  return what.charAt(0).toUpperCase() + what.slice(1);
}

function faultWords(name, more) {
  const names = { power_on: "powerOn", reader_well: "reader_deaf", key_free: "key_stuck" },
    head = or(names[name] || name, name);
  const tail = more
    .split(" ")
    .reverse()
    .map((part) => part.split("="))
    .filter(([, value]) => value)
    .map(([key, value]) =>
      or(`${key}.${value}`, or(key === "on" ? "" : `${{ sensor: "sensor" }[key]}.${value}`, value === "None" ? t("heal") : value)),
    );
  if (name === "reader_well" || name === "key_free" || more === "on=False") tail.unshift(t("heal"));
  return listed([head, ...tail.filter((word) => !["True", "False"].includes(word))]);
}

function setWords(name, value) {
  const plain = value.toLowerCase();
  return or(`${name}.${plain}`, value + ({ case_c: " °C", head_c: " °C", lux: " lx", hole_lux: " lx", cell_mv: " mV", battery_percent: "%" }[name] || ""));
}

function item(entry, place) {
  const { row } = entry,
    [time, part] = row.at.slice(11, 23).split("."),
    id = row.kind === "trigger" ? row.trigger : null,
    open = id && view.open === id;
  const inside = [
    h("span.left", {}, h("span.when", {}, time, h("small", {}, `.${part}`)), h("span.from", {}, entry.from)),
    h("b", {}, entry.title),
    h("span.end", {}, listed(entry.times > 1 ? [t("times", entry.times), t(entry.end)] : [t(entry.end)]), entry.code ? [" ", h("code", {}, entry.code)] : null),
    entry.why ? h("span.why", {}, entry.why) : null,
  ];
  const head = id
    ? h("button.head", { type: "button", "aria-expanded": String(!!open), "data-focus": `ev-${entry.first}`, onclick: () => toggle(id) }, inside)
    : h("div.head", {}, inside);
  return h(
    "li.ev",
    { class: `${entry.end}${place}${open ? " open" : ""}`, "data-trigger": id },
    icon("0 0 12 12", MARKS[entry.end], { class: "dot" }),
    head,
    open ? view.told : null,
  );
}

/** Where on its run's rail each entry stands; what lies between the ends of a run is on the rail. */
function rails(list) {
  const made = list.map(() => "");
  for (const run of new Set(list.map((entry) => entry.run).filter(Boolean))) {
    const from = list.findIndex((entry) => entry.run === run),
      to = list.findLastIndex((entry) => entry.run === run);
    if (from === to) continue;
    for (let n = from; n <= to; n++) made[n] = ` run${n === from ? " newest" : ""}${n === to ? " oldest" : ""}`;
  }
  return made;
}

function draw() {
  clearTimeout(timer);
  timer = 0;
  const every = entries(S.rows)
      .filter((entry) => view.filter === "all" || entry.end === "refused")
      .reverse(),
    list = every.slice(0, view.most),
    places = rails(list);
  fill(
    at("line"),
    list.map((entry, n) => item(entry, places[n])),
  );
  at("line-box").querySelector(".older")?.remove();
  if (every.length > list.length)
    at("line-box").append(
      h(
        "button.btn.older",
        {
          type: "button",
          onclick: () => {
            view.most += PAGE;
            draw();
          },
        },
        t("older"),
      ),
    );
  at("none").hidden = list.length > 0;
  at("line-box").hidden = !list.length;
  at("none").textContent = t(view.filter === "all" ? "nothing" : "nothingRefused");
}

/** The display comes first: rows that follow one another closely are drawn together, a moment after it. */
const soon = () => {
  timer ||= setTimeout(draw, TOGETHER_MS);
};

/** Open a trigger's story, or close it. */
export async function toggle(id) {
  view.open = view.open === id ? null : id;
  view.told = view.open ? h("div.story", {}, h("p", {}, t("reading"))) : null;
  draw();
  if (!view.open) return;
  const told = await story(id);
  if (view.open !== id) return;
  view.told = told;
  draw();
  const open = at("line").querySelector(".open"),
    box = at("line-box");
  if (!narrow() && open) box.scrollTo({ top: open.offsetTop - box.firstElementChild.offsetTop - 4, behavior: still() ? "auto" : "smooth" });
}

function filters() {
  fill(
    at("filter"),
    strip(
      "filter",
      t("filter"),
      ["all", "refused"].map((which) => [which, t(`filter.${which}`)]),
      view.filter,
      (which) => {
        view.filter = which;
        view.most = PAGE;
        draw();
      },
    ),
  );
}

export function begin() {
  on("row all", soon);
  on("lang", () => {
    filters();
    if (!S.live) return;
    const open = view.open;
    view.open = null;
    draw();
    if (open) toggle(open);
  });
  filters();
}
