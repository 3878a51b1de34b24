// prepared.js: a link's acts (#card=visa-pin&amount=12.50&fault=paper:out), shown first and done on "Go". What cannot be done is told there.
import { at, fill, h, wait } from "./dom.js";
import { play } from "./keypad.js";
import { keysOf } from "./money.js";
import { act, on, S } from "./state.js";
import { called, present } from "./wallet.js";
import { or, sorry, t } from "./words.js";

const FAULTS = {
  power_off: [],
  power_at_flash: ["share"],
  reader_deaf: ["remedy"],
  key_stuck: ["key"],
  garbled_byte: ["line"],
  printer_silent: [],
  sensor: ["sensor", "how"],
};
const AROUND = ["network", "bank", "paper", "mains", "case_open"],
  WORDS = { true: true, false: false },
  UNTIL_MS = 20_000;
const ready = { acts: null, sorry: null, busy: false };

/** What a link asks for, of the part after #. */
export function asked() {
  const found = new URLSearchParams(location.hash.slice(1)),
    one = (name, choices) => (choices.includes(found.get(name)) ? found.get(name) : null);
  return {
    theme: one("theme", ["light", "dark"]),
    lang: one("lang", ["en", "zh"]),
    view: one("view", ["terminal", "side", "record"]),
    tour: found.has("tour") ? found.get("tour") !== "off" : null,
    acts: ["card", "amount", "fault"].some((name) => found.get(name))
      ? { card: found.get("card"), amount: found.get("amount"), fault: found.get("fault") }
      : null,
  };
}

/** The address that reproduces this. */
export function link(acts) {
  const told = new URLSearchParams(
    Object.entries({ ...acts, theme: S.theme, lang: S.lang, view: at("bench").dataset.view }).filter(([, value]) => value),
  );
  return `${location.origin}${location.pathname}#${told.toString().replaceAll("%3A", ":")}`;
}

/** The request that a fault's name stands for: [path, body], or null. */
function request(name) {
  const [head, ...more] = name.split(":");
  if (AROUND.includes(head) && more[0]) return ["environment", { [head]: WORDS[more[0]] ?? more[0] }];
  if (!FAULTS[head]) return null;
  return [
    "fault",
    {
      fault: head,
      ...Object.fromEntries(FAULTS[head].slice(0, more.length).map((detail, n) => [detail, detail === "share" ? Number(more[n]) : more[n]])),
    },
  ];
}

function faultWords(name) {
  const [head, more] = name.split(":");
  return [t(head), more ? or(`${head}.${more}`, more) : ""].filter(Boolean).join(": ");
}

/** What is wrong with the acts, as a sentence; "" where nothing is. */
function wrong({ card, amount, fault }) {
  if (card && !S.cards.some((each) => each.name === card)) return t("noCard", card);
  if (amount && !keysOf(amount)) return t("noAmount", amount);
  return fault && !request(fault) ? t("noFault", fault) : "";
}

async function go() {
  const { card, amount, fault } = ready.acts;
  const why = () => wrong(ready.acts || {}) || (amount && S.live.screen.name !== "ready" ? t("notReady") : "");
  ready.sorry = why() ? why : null;
  if (ready.sorry) return draw();
  ready.busy = true;
  draw();
  try {
    if (fault) await act(...request(fault));
    if (amount) await play(`${keysOf(amount)}D`);
    if (card) {
      for (let waited = 0; amount && waited < UNTIL_MS && S.live.screen.name !== "tap"; waited += 50) await wait(50);
      await present(card, "tap");
    }
    ready.acts = null;
  } catch (error) {
    ready.sorry = () => sorry(error);
  }
  ready.busy = false;
  draw();
}

function draw() {
  const place = at("prepared");
  place.hidden = !ready.acts || !S.live;
  at("tour").classList.toggle("behind", !place.hidden);
  if (place.hidden) return;
  const { card, amount, fault } = ready.acts,
    lines = [amount && [t("amount"), amount], card && [t("card"), called(card)], fault && [t("fault"), faultWords(fault)]].filter(Boolean);
  fill(
    place,
    h("h3", { id: "h-prepared" }, t("prepared")),
    h(
      "dl.lead",
      {},
      lines.map(([name, words]) => h("div", {}, h("dt.sr", {}, name), h("dd", {}, words))),
    ),
    ready.sorry ? h("p.sorry", { role: "status" }, ready.sorry()) : null,
    h(
      "div.acts",
      {},
      ready.busy
        ? h("p.lead", { role: "status" }, t("showing"))
        : [
            h("button.btn.solid", { type: "button", "data-focus": "go", onclick: go }, t("go")),
            h(
              "button.btn",
              {
                type: "button",
                "data-focus": "drop",
                onclick: () => {
                  ready.acts = null;
                  draw();
                },
              },
              t("drop"),
            ),
          ],
    ),
  );
}

export function begin(acts) {
  ready.acts = acts;
  on("all lang", draw);
  addEventListener("hashchange", () => {
    const { acts: next } = asked();
    if (next) Object.assign(ready, { acts: next, sorry: null, busy: false });
    draw();
  });
}
