// keypad.js: sixteen keys that press, hold and bounce, under a finger, a mouse or a keyboard. Acts go out in their order; one that is refused
// is told under the terminal.
import { all, at, fill, h, icon, wait } from "./dom.js";
import { act, on, S } from "./state.js";
import { regret, t } from "./words.js";

const LEGEND = "123A456B789C*0#D",
  LEAST_MS = 90,
  HELD_MS = 600;
const DRAWN = {
  A: ["cancel", "m5.5 5.5 9 9m0-9-9 9"],
  B: ["clear", "M12.5 5 7.5 10l5 5"],
  C: ["menu", "M5 6.5h10M5 10h10M5 13.5h10"],
  D: ["enter", "M10 5a5 5 0 1 0 0 10a5 5 0 0 0 0-10"],
  "*": ["sign", "M10 5v10M5.7 7.5l8.6 5m0-5-8.6 5"],
  "#": ["sign", "M8 4.5 7 15.5m6-11-1 11M4.8 8h11M4.2 12h11"],
};
const TYPED = {
  Enter: "D",
  Escape: "A",
  Backspace: "B",
  Delete: "B",
  m: "C",
  M: "C",
  c: "C",
  C: "C",
  a: "A",
  A: "A",
  b: "B",
  B: "B",
  d: "D",
  D: "D",
};
const down = new Map();
let chain = Promise.resolve(),
  typed = false;

const keyOf = (event) => (/^[0-9*#]$/.test(event.key) ? event.key : TYPED[event.key]);
const button = (key) => at("keys").querySelector(`[data-key="${CSS.escape(key)}"]`);

/** Do this after what went before; a refusal is told, and what follows goes on. */
function next(work) {
  chain = chain.then(work).catch((error) => {
    regret(at("sorry-terminal"), error);
  });
  return chain;
}

/** A finger on a key: at once where nothing is on its way; the bench itself sees to it that none is too short in its own time. While time
 *  stands still a press is handed in whole. */
function press(key) {
  if (down.has(key)) return;
  at("sorry-terminal").textContent = "";
  const finger = { whole: S.live?.pace === "paused" };
  down.set(key, finger);
  const cap = button(key);
  cap.classList.remove("up");
  cap.classList.add("down");
  finger.timer = setTimeout(() => cap.classList.add("held"), HELD_MS);
  next(async () => {
    await act("key", finger.whole ? { key } : { key, action: "down" });
  });
}

function release(key) {
  const finger = down.get(key);
  if (!finger) return;
  down.delete(key);
  clearTimeout(finger.timer);
  const cap = button(key);
  cap.classList.remove("down", "held");
  cap.classList.add("up");
  next(async () => {
    if (!finger.whole) await act("key", { key, action: "up" });
  });
}

const releaseAll = () => [...down.keys()].forEach(release);

/** Keys one after the other, as a person would press them; for the tour and for prepared acts. Raises Refused. */
export async function play(keys) {
  for (const key of keys) {
    const cap = button(key);
    cap.classList.add("down");
    await act("key", { key });
    await wait(120);
    cap.classList.remove("down");
    await wait(80);
  }
}

function draw() {
  const stop = at("keys").dataset.stop || "1";
  fill(
    at("keys"),
    [...LEGEND].map((key) => {
      const drawn = DRAWN[key];
      return h(
        "button.key",
        {
          class: drawn ? drawn[0] : "",
          "data-key": key,
          "data-focus": `key${key}`,
          tabindex: key === stop ? "0" : "-1",
          type: "button",
          "aria-label": drawn ? t(`key.${key}`) : null,
          title: drawn ? t(`key.${key}`) : null,
        },
        h(
          "span",
          {},
          drawn ? icon("0 0 20 20", [["path", { d: drawn[1] }]]) : key,
          /[A-D]/.test(key) ? h("small", { "aria-hidden": "true" }, key) : null,
        ),
      );
    }),
  );
  stuck();
}

function stuck() {
  for (const cap of all(".key"))
    cap.classList.toggle("stuck", !!S.stuck && cap.dataset.key === S.stuck && (S.live?.faults || []).includes("key_stuck"));
}

/** Arrows move between the keys: the keypad is one stop of the tab key. */
function move(event, from) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 4, ArrowUp: -4 }[event.key];
  if (!step) return false;
  const to = LEGEND[(LEGEND.indexOf(from.dataset.key) + step + 16) % 16];
  at("keys").dataset.stop = to;
  for (const cap of all(".key")) cap.tabIndex = cap.dataset.key === to ? 0 : -1;
  button(to).focus();
  event.preventDefault();
  return true;
}

function listen() {
  const place = at("keys"),
    device = at("terminal");
  place.addEventListener("pointerdown", (event) => {
    const cap = event.target.closest(".key");
    if (!cap || event.button) return;
    event.preventDefault();
    device.focus({ preventScroll: true });
    typed = true;
    try {
      cap.setPointerCapture(event.pointerId);
    } catch {
      /* a pointer that has gone: its up comes all the same */
    }
    press(cap.dataset.key);
    const up = () => release(cap.dataset.key);
    cap.addEventListener("pointerup", up, { once: true });
    cap.addEventListener("pointercancel", up, { once: true });
    cap.addEventListener("lostpointercapture", up, { once: true });
  });
  place.addEventListener("click", async (event) => {
    const cap = event.target.closest(".key");
    if (!cap || typed) {
      typed = false;
      return;
    }
    press(cap.dataset.key);
    await wait(LEAST_MS);
    release(cap.dataset.key);
  });
  device.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.id === "zone") return;
    const cap = event.target.closest(".key");
    if (cap && (move(event, cap) || event.key === "Enter" || event.key === " ")) return;
    const key = keyOf(event);
    if (!key) return;
    event.preventDefault();
    if (!event.repeat) press(key);
  });
  addEventListener("keyup", (event) => {
    const key = keyOf(event);
    if (key) release(key);
  });
  addEventListener("blur", releaseAll);
}

export function begin() {
  draw();
  listen();
  on("lang", draw);
  on("all faults", stuck);
}
