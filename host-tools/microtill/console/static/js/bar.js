// bar.js: the bar: the world's clock and pace, what can be saved, and how the page looks and speaks. What is refused is told in the clock's hint.
import { all, at, fill, h, pick, strip } from "./dom.js";
import { act, blob, on, refresh, S, tell } from "./state.js";
import { called } from "./wallet.js";
import { Sound, mute } from "./sound.js";
import { money } from "./money.js";
import { link } from "./prepared.js";
import { regret, sorry, t } from "./words.js";
import * as tour from "./tour.js";

const PACES = ["real", "x10", "paused"],
  FASTER = { real: 1, x10: 10, paused: 0 },
  STEP_MS = 1000,
  TICK_MS = 100,
  LINK_MINOR = 1250;
const LINK_FAULTS = [
  "",
  "power_at_flash",
  "reader_deaf",
  "printer_silent",
  "paper:out",
  "network:off",
  "bank:twice",
  "bank:late",
  "bank:wrong_mac",
  "bank:never",
];
const hint = { of: null, amount: null, card: "visa-pin", fault: "" };

function clock() {
  if (!S.live) return;
  const ahead = Math.min(1000, performance.now() - S.at) * FASTER[S.live.pace],
    now = new Date(Date.parse(S.live.at) + ahead),
    [date, time] = now.toISOString().slice(0, 23).split("T");
  const [whole, part] = time.split(".");
  fill(at("clock"), whole, h("small", {}, `.${part}`));
  at("clock").title = `${date} UTC`;
}

function pace() {
  fill(
    at("pace"),
    strip(
      "pace",
      t("pace"),
      PACES.map((name) => [name, t(`pace.${name}`)]),
      S.live.pace,
      (name) => time({ pace: name }),
    ),
  );
}

async function time(body) {
  try {
    const told = await act("time", body);
    Object.assign(S.live, told);
    S.at = performance.now();
    clock();
  } catch (error) {
    show("sorry", [h("h2", { id: "h-hint" }, t("time")), h("p", {}, sorry(error))], null);
  }
}

/** Show a hint under the bar, or hide it. */
function show(of, kids, opener) {
  hint.of = of;
  for (const button of all(".tools [aria-controls=hint]")) button.setAttribute("aria-expanded", String(button === opener));
  at("hint").hidden = !of;
  if (!of) return;
  fill(at("hint"), kids);
}

function toggle(of, opener) {
  if (hint.of === of) return show(null, [], null);
  show(of, HINTS[of](), opener);
}

const close = () =>
  h(
    "button.btn",
    {
      type: "button",
      onclick: () => {
        const opener = document.querySelector(`[data-do="${hint.of}"]`);
        show(null, [], null);
        opener?.focus();
      },
    },
    t("close"),
  );

function recording() {
  const can = S.live.can_record,
    told = h("p", { role: "status" });
  const save = h(
    "button.btn.solid",
    {
      type: "button",
      onclick: async () => {
        try {
          const url = URL.createObjectURL(await blob("recording"));
          h("a", { href: url, download: `microtill-${S.live.seed}.jsonl` }).click();
          setTimeout(() => URL.revokeObjectURL(url), 60_000);
        } catch (error) {
          regret(told, error);
        }
      },
    },
    t("recSave"),
  );
  return [
    h("h2", { id: "h-hint" }, t("recTitle")),
    h("p", {}, t(can ? "recWhat" : "recNot")),
    can ? [h("p", {}, t("recHow")), h("pre", {}, `microtill play microtill-${S.live.seed}.jsonl`)] : null,
    told,
    h("div.acts", {}, can ? save : null, close()),
  ];
}

/** A control of the link's hint: what is chosen goes into the link at once. */
function choice(name, options, again) {
  const picked = (value) => {
    hint[name] = value;
    again();
  };
  return pick(t(name), options, hint[name], picked, { id: `link-${name}` });
}

function faultNames() {
  return LINK_FAULTS.map((name) => {
    const [head, more] = name.split(":");
    return [name, !name ? t("none") : more ? `${t(head)}: ${t(`${head}.${more}`)}` : t(name)];
  });
}

function linked() {
  hint.amount ??= money(LINK_MINOR);
  const made = h("pre", {}),
    copied = h("span.sr", { role: "status" });
  const again = () => {
    made.textContent = link({ amount: hint.amount, card: hint.card, fault: hint.fault });
  };
  const line = (name, control) => h("div.row", {}, h("label.lab", { for: `link-${name}` }, t(name)), control);
  const typed = (event) => {
    hint.amount = event.target.value.trim();
    again();
  };
  const copy = h("button.btn.solid", { type: "button" }, t("copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(made.textContent).catch(() => getSelection().selectAllChildren(made));
    copy.textContent = copied.textContent = t("copied");
  });
  again();
  return [
    h("h2", { id: "h-hint" }, t("linkTitle")),
    h("p", {}, t("linkWhat")),
    line("amount", h("input.text", { id: "link-amount", inputmode: "decimal", autocomplete: "off", value: hint.amount, oninput: typed })),
    line("card", choice("card", [["", t("none")], ...S.cards.map((card) => [card.name, called(card.name)])], again)),
    line("fault", choice("fault", faultNames(), again)),
    made,
    copied,
    h("div.acts", {}, copy, close()),
  ];
}

function fresh() {
  const told = h("p", { role: "status" });
  const go = h(
    "button.btn.solid",
    {
      type: "button",
      onclick: async () => {
        try {
          await act("reset", {});
          S.rows = [];
          await refresh();
          show(null, [], null);
        } catch (error) {
          regret(told, error);
        }
      },
    },
    t("freshDo"),
  );
  return [h("h2", { id: "h-hint" }, t("freshTitle")), h("p", {}, t("freshWhat")), told, h("div.acts", {}, go, close())];
}

const HINTS = { recording, link: linked, fresh };

function theme(name) {
  S.theme = name;
  document.documentElement.dataset.theme = name;
  document.querySelector('[data-do="theme"]').setAttribute("aria-pressed", String(name === "dark"));
}

export function language(name) {
  S.lang = name;
  document.documentElement.lang = name === "zh" ? "zh-Hans" : "en";
  document.title = t("title");
  for (const each of all("[data-t]")) each.textContent = t(each.dataset.t);
  for (const each of all("[data-label]")) each.setAttribute("aria-label", t(each.dataset.label));
  for (const each of all(".tools .icon")) each.title = t(each.dataset.label);
  const other = document.querySelector('[data-do="lang"]');
  other.lang = name === "zh" ? "en" : "zh-Hans";
  if (S.live) pace();
  tell("lang");
}

const DOES = {
  step: () => time({ step_ms: STEP_MS }),
  next: () => time({ to: "next_event" }),
  night: () => time({ to: "tomorrow_0300" }),
  tour: () => tour.open(!tour.isOpen()),
  recording: (button) => toggle("recording", button),
  link: (button) => toggle("link", button),
  fresh: (button) => toggle("fresh", button),
  sound(button) {
    mute(!Sound.mute);
    button.setAttribute("aria-pressed", String(Sound.mute));
  },
  theme() {
    theme(S.theme === "dark" ? "light" : "dark");
    localStorage.setItem("microtill.theme", S.theme);
  },
  lang() {
    language(S.lang === "zh" ? "en" : "zh");
    localStorage.setItem("microtill.lang", S.lang);
    if (HINTS[hint.of]) show(hint.of, HINTS[hint.of](), document.querySelector(`[data-do="${hint.of}"]`));
    else show(null, [], null);
  },
};

export function begin(wanted) {
  theme(wanted.theme || localStorage.getItem("microtill.theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
  language(wanted.lang || localStorage.getItem("microtill.lang") || (navigator.language.startsWith("zh") ? "zh" : "en"));
  document.querySelector('[data-do="sound"]').setAttribute("aria-pressed", String(Sound.mute));
  for (const button of all("[data-do]"))
    button.addEventListener("click", () => (S.live || ["theme", "lang", "sound"].includes(button.dataset.do)) && DOES[button.dataset.do](button));
  at("hint").addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const opener = document.querySelector(`[data-do="${hint.of}"]`);
      show(null, [], null);
      opener?.focus();
    }
  });
  on("all", () => {
    pace();
    clock();
  });
  on("time", () => {
    if (all("#pace input:checked")[0]?.value !== S.live.pace && !at("pace").contains(document.activeElement)) pace();
    clock();
  });
  setInterval(clock, TICK_MS);
}
