// around.js: the terminal's surroundings and its faults, as controls that show what is so at the bench. A refusal is told below them.
import { all, at, fill, h, pick, strip } from "./dom.js";
import { act, on, S } from "./state.js";
import { regret, t } from "./words.js";

const PICKS = {
  network: ["good", "slow", "lossy", "off", "first_off", "second_off"],
  bank: ["answers", "late", "twice", "never", "wrong_mac", "wrong_amount", "garbage", "down"],
};
const SEGMENTS = { mains: [true, false], paper: ["full", "low", "out"], case_open: [false, true] };
const RANGES = { battery_percent: [0, 100, "%"], case_c: [-20, 110, " °C"], head_c: [-20, 120, " °C"], lux: [0, 100, " lx"], hole_lux: [0, 100, " lx"], cell_mv: [0, 101, " mV"] };
const ORDER = ["network", "bank", "mains", "battery_percent", "cell_mv", "paper", "case_open", "hole_lux", "case_c", "head_c", "lux"];
const LEGEND = "123A456B789C*0#D";
const chosen = { share: "0.5", remedy: "reset", key: "5", line: "reader", sensor: "gauge", how: "dead" };

// What a place on a slider means, and the other way round: light of which each doubling takes the same way; a voltage, or none but the cell's own.
const LIGHT = [(place) => Math.round(10 ** (place / 20) - 1), (lux) => Math.round(20 * Math.log10(lux + 1))];
const CELL = [(place) => (place > 0 ? 2480 + 20 * place : 0), (mv) => (mv ? Math.max(1, Math.round((mv - 2480) / 20)) : 0)];
const SCALES = { lux: LIGHT, hole_lux: LIGHT, cell_mv: CELL };
const PLAIN = [Number, Math.round];

async function done(work) {
  at("sorry-conditions").textContent = "";
  try {
    return await work();
  } catch (error) {
    regret(at("sorry-conditions"), error);
    around();
    return null;
  }
}

const change = (name, value) => done(() => act("environment", { [name]: value }));
export const fault = (what, more = {}) => done(() => act("fault", { fault: what, ...more }));

function range(name) {
  const [least, most, unit] = RANGES[name],
    [meant, placed] = SCALES[name] || PLAIN,
    value = S.live.environment[name];
  const words = (amount) => (name === "cell_mv" && !amount ? t("cell_mv.0") : `${Math.round(amount)}${unit}`);
  const told = h("output", { "aria-hidden": "true" }, words(value));
  const bar = h("input", { type: "range", min: least, max: most, "data-focus": name, "aria-label": t(name), "aria-valuetext": words(value) });
  bar.value = placed(value);
  bar.addEventListener("input", () => {
    told.textContent = words(meant(bar.value));
    bar.setAttribute("aria-valuetext", words(meant(bar.value)));
  });
  bar.addEventListener("change", () => change(name, meant(bar.value)));
  return h("span.range", {}, bar, told);
}

function control(name) {
  const now = S.live.environment[name];
  if (name in RANGES) return range(name);
  if (name in PICKS)
    return pick(
      t(name),
      PICKS[name].map((how) => [how, t(`${name}.${how}`)]),
      now,
      (how) => change(name, how),
      { "data-focus": name },
    );
  return strip(
    name,
    t(name),
    SEGMENTS[name].map((choice) => [String(choice), t(`${name}.${choice}`)]),
    String(now),
    (choice) => change(name, { true: true, false: false }[choice] ?? choice),
  );
}

function around() {
  if (at("pane-around").contains(document.activeElement) && document.activeElement.type === "range" && document.activeElement.matches(":active"))
    return;
  const held = at("pane-around").contains(document.activeElement) && document.activeElement.type === "radio" ? document.activeElement : null;
  const again = held && [held.name, held.value];
  fill(
    at("pane-around"),
    ORDER.map((name) => h("div.row", {}, h("span.lab", { "aria-hidden": "true" }, t(name)), control(name))),
  );
  if (again) at("pane-around").querySelector(`input[name="${again[0]}"]:checked`)?.focus();
}

const choose = (name, label, options) =>
  pick(
    label,
    options,
    chosen[name],
    (value) => {
      chosen[name] = value;
    },
    { "data-focus": `pick-${name}` },
  );
const button = (words, label, onclick, on = null) =>
  h(
    "button.btn",
    {
      type: "button",
      class: on ? "armed" : "",
      "aria-label": `${label}: ${words}`,
      "aria-pressed": on === null ? null : String(on),
      "data-focus": `fault-${label}`,
      onclick,
    },
    words,
  );

function row(name, picks, act_, wide = false) {
  return h("div.fault", { class: wide ? "wide" : "" }, h("b", {}, t(name)), picks.length ? h("div.pick", {}, picks) : null, act_);
}

// What can be chosen of a fault: {name: [choice, label, options, words of an option]}
const CHOICES = {
  power_at_flash: [["share", "share", ["0", "0.5", "1"], (share) => t(`share.${share}`)]],
  reader_deaf: [["remedy", "remedy", ["wake", "reset", "power", "dead"], (how) => t(`remedy.${how}`)]],
  key_stuck: [["key", "whichKey", [...LEGEND], (key) => key]],
  garbled_byte: [["line", "line", ["reader", "printer"], (line) => t(`line.${line}`)]],
  sensor: [
    ["sensor", "sensorWhich", ["gauge", "thermometer", "light", "rtc"], (which) => t(`sensor.${which}`)],
    ["how", "sensorHow", ["dead", "stuck", "mad"], (how) => t(`how.${how}`)],
  ],
};
const HEALED = { reader_deaf: ["reader_well"], key_stuck: ["key_free"], printer_silent: ["printer_silent", { on: false }] };
const DETAILS = {
  power_at_flash: () => ({ share: Number(chosen.share) }),
  reader_deaf: () => ({ remedy: chosen.remedy }),
  key_stuck: () => ({ key: (S.stuck = chosen.key) }),
  garbled_byte: () => ({ line: chosen.line }),
  sensor: () => ({ sensor: chosen.sensor, how: chosen.how }),
};

/** The button of a fault: does it, or mends it where it is. */
function remedy(name, broken, sensors) {
  const now = (words, on = null) => button(t(words), t(name), () => fault(name, DETAILS[name]?.()), on);
  if (name === "power_off") return S.live.powered ? now("now") : button(t("powerOn"), t(name), () => fault("power_on"), true);
  if (name === "power_at_flash") return now(broken ? "armed" : "arm", broken);
  if (name === "sensor" && broken) {
    return button(t("heal"), t(name), () => sensors.forEach((sensor) => fault("sensor", { sensor, how: null })), true);
  }
  return broken ? button(t("heal"), t(name), () => fault(...HEALED[name]), true) : now("now");
}

function faults() {
  const there = S.live.faults || [],
    sensors = there.filter((each) => each.startsWith("sensor:")).map((each) => each.split(" ")[1]);
  fill(
    at("pane-faults"),
    ["power_off", "power_at_flash", "reader_deaf", "key_stuck", "garbled_byte", "printer_silent", "sensor"].map((name) => {
      const picks = (CHOICES[name] || []).map(([choice, label, options, words]) =>
        choose(
          choice,
          t(label),
          options.map((option) => [option, words(option)]),
        ),
      );
      const broken = there.some((each) => each.split(":")[0] === name);
      return row(name, picks, remedy(name, broken, sensors), name === "sensor");
    }),
  );
}

/** Show the pane of this tab. */
function turn(tab) {
  for (const each of all(".tabs [role=tab]")) {
    each.setAttribute("aria-selected", String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
    at(each.getAttribute("aria-controls")).hidden = each !== tab;
  }
}

export function begin() {
  for (const tab of all(".tabs [role=tab]")) {
    tab.addEventListener("click", () => turn(tab));
    tab.addEventListener("keydown", (event) => {
      if (!/^Arrow(Left|Right)$/.test(event.key)) return;
      const other = all(".tabs [role=tab]").find((each) => each !== tab);
      turn(other);
      other.focus();
    });
  }
  on("all lang", () => {
    if (S.live) {
      around();
      faults();
    }
  });
  on("environment", around);
  on("faults power", faults);
}
