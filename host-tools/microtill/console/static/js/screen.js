// screen.js: the display, dot by dot, its lights and what a screen reader hears of them. Whole device pixels a dot; an unlit dot can be seen.
import { all, at, fill, h } from "./dom.js";
import { on, S } from "./state.js";
import { t } from "./words.js";

const WIDE = 128,
  HIGH = 64,
  LEAST = 0.34;
const GLASS = [4, 6, 10],
  UNLIT = [15, 20, 27],
  LIT = [226, 240, 255];

/** The colour of a dot at this contrast (0 to 255), as RGBA packed the way ImageData has it. */
function packed([red, green, blue], share = 1) {
  return ((255 << 24) | (Math.round(blue * share) << 16) | (Math.round(green * share) << 8) | Math.round(red * share)) >>> 0;
}

/** Draw 1,024 bytes, page by page, the least significant bit on top. */
export function paint(canvas, dots, lit, contrast, width) {
  const ratio = devicePixelRatio || 1,
    size = Math.max(1, Math.floor((width * ratio) / WIDE)),
    gap = size > 2 ? Math.max(1, Math.round(size / 6)) : 0;
  if (canvas.width !== WIDE * size) Object.assign(canvas, { width: WIDE * size, height: HIGH * size });
  canvas.style.width = `${(WIDE * size) / ratio}px`;
  canvas.style.height = `${(HIGH * size) / ratio}px`;
  const context = canvas.getContext("2d"),
    image = context.createImageData(canvas.width, canvas.height),
    pixels = new Uint32Array(image.data.buffer);
  pixels.fill(packed(GLASS));
  const bright = packed(LIT, LEAST + (1 - LEAST) * Math.sqrt(contrast / 255)),
    dull = packed(UNLIT),
    row = WIDE * size;
  for (let y = 0; y < HIGH; y++) {
    for (let x = 0; x < WIDE; x++) {
      const colour = lit && (dots[(y >> 3) * WIDE + x] >> (y & 7)) & 1 ? bright : dull;
      for (let down = 0; down < size - gap; down++) {
        const from = (y * size + down) * row + x * size;
        pixels.fill(colour, from, from + size - gap);
      }
    }
  }
  context.putImageData(image, 0, 0);
}

const words = (text) =>
  text
    .split("\n")
    .map((row) => row.trim())
    .filter(Boolean)
    .join(", ")
    .replace(/\*+/g, (stars) => `${stars.length} *`);
let said = "",
  timer = 0;

function show() {
  const screen = S.live.screen,
    canvas = at("oled");
  const dots = Uint8Array.from(atob(screen.dots || ""), (byte) => byte.charCodeAt(0));
  paint(canvas, dots, screen.lit && S.live.powered, screen.contrast, canvas.parentElement.clientWidth - 16);
  const now = S.live.powered && screen.lit ? words(screen.text) : t("dark");
  canvas.setAttribute("aria-label", now);
  canvas.dataset.name = S.live.powered ? screen.name : "off";
  if (now === said) return;
  said = now;
  clearTimeout(timer);
  timer = setTimeout(() => {
    at("said").textContent = said;
  }, 250);
}

function lights() {
  fill(
    at("lights"),
    ["power", "link", "alert"].map((name) => {
      const lit = S.live.powered && S.live.lights[name];
      return h(
        "li",
        { class: `${name}${lit ? " lit" : ""}` },
        h("i", { "aria-hidden": "true" }),
        t(`light.${name}`),
        h("span.sr", {}, ` ${t(lit ? "lit" : "unlit")}`),
      );
    }),
  );
  at("terminal").classList.toggle("dead", !S.live.powered);
}

export function begin() {
  on("screen", show);
  on("lights", lights);
  on("all power lang view", () => {
    if (S.live) {
      show();
      lights();
    }
  });
  addEventListener("resize", () => S.live && all("#oled").length && show());
}
