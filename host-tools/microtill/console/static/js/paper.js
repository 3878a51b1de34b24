// paper.js: paper that grows out of the slot as its rows are printed, is torn off, lies on the mat and can be kept as a picture; and the plug.
// A strip that was missed is read anew from the bench; where its picture is gone the paper is left out.
import { at, fill, h, icon, narrow, still } from "./dom.js";
import { act, blob, on, S } from "./state.js";
import { regret, t } from "./words.js";

const WIDE = 384,
  KEPT = 3,
  FEED_MS = 34,
  REST_MS = 700,
  TEAR_PX = 34;
const sheet = { rows: 0, cut: false, shown: 0, n: null, text: "" };
let chain = Promise.resolve(),
  feeding = 0,
  resting = 0;
const mat = [];

/** Add a strip of dots at the lower edge: what was printed first is on top. */
function add(image) {
  const canvas = at("receipt"),
    old = document.createElement("canvas");
  Object.assign(old, { width: WIDE, height: Math.max(1, sheet.rows) });
  if (sheet.rows) old.getContext("2d").drawImage(canvas, 0, 0);
  canvas.height = sheet.rows + image.height;
  const context = canvas.getContext("2d");
  if (sheet.rows) context.drawImage(old, 0, 0);
  context.drawImage(inked(image), 0, sheet.rows);
  sheet.rows += image.height;
}

/** Black dots of a strip in the ink of thermal paper, on nothing. */
function inked(image) {
  const made = document.createElement("canvas");
  Object.assign(made, { width: image.width, height: image.height });
  const context = made.getContext("2d");
  context.drawImage(image, 0, 0);
  const dots = context.getImageData(0, 0, made.width, made.height),
    bytes = dots.data;
  for (let n = 0; n < bytes.length; n += 4) {
    bytes[n + 3] = 255 - bytes[n];
    ((bytes[n] = 38), (bytes[n + 1] = 38), (bytes[n + 2] = 47));
  }
  context.putImageData(dots, 0, 0);
  return made;
}

const picture = async (data) =>
  createImageBitmap(data instanceof Blob ? data : new Blob([Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0))], { type: "image/png" }));

/** How high the paper stands when it has all come out; what does not fit on the page scrolls in it. */
function room() {
  return narrow() ? 420 : Math.max(120, at("above").clientHeight + 11);
}

function feed() {
  const paper = at("paper"),
    roll = at("roll");
  clearTimeout(feeding);
  const whole = Math.round((sheet.rows * (paper.clientWidth - 16)) / WIDE) + 8 + (paper.classList.contains("done") ? TEAR_PX + 2 : 0);
  const ahead = whole - sheet.shown;
  sheet.shown = still() || ahead < 1 ? whole : Math.min(whole, sheet.shown + Math.max(6, Math.round(ahead / 12)));
  roll.style.maxHeight = `${room()}px`;
  roll.style.height = `${sheet.shown}px`;
  paper.classList.toggle("free", whole <= room());
  roll.scrollTop = roll.scrollHeight;
  if (narrow()) at("above").style.minHeight = `${Math.min(sheet.shown, room()) + 4}px`;
  if (sheet.shown < whole) feeding = setTimeout(feed, FEED_MS);
}

function show() {
  const paper = at("paper");
  paper.hidden = !sheet.rows;
  if (!sheet.rows) {
    at("above").style.minHeight = "";
    return;
  }
  clearTimeout(resting);
  const done = sheet.cut;
  paper.classList.toggle("done", done);
  at("tear").hidden = !done;
  if (!done)
    resting = setTimeout(() => {
      paper.classList.add("done");
      at("tear").hidden = false;
      feed();
    }, REST_MS);
  feed();
}

/** A strip came, or a cut. The next paper pushes one that nobody took onto the mat. */
async function take(event) {
  if (sheet.cut && (event.png || event.rows)) land();
  if (event.png) add(await picture(event.png));
  else if (!event.cut && event.rows > sheet.rows) await again();
  if (!event.cut && event.rows === 0) return clear();
  if (event.cut) {
    sheet.cut = true;
    sheet.n = event.papers - 1;
  }
  show();
  label();
}

async function label() {
  const text = at("receipt");
  text.setAttribute("aria-label", t("receipt"));
  if (!sheet.cut) return;
  const words = await blob(`paper.txt?n=${sheet.n}`)
    .then((told) => told.text())
    .catch(() => "");
  if (words)
    text.setAttribute(
      "aria-label",
      words
        .split("\n")
        .map((row) => row.trim().replace(/\s+/g, " "))
        .filter((row) => row && !/^-+$/.test(row))
        .join(". "),
    );
}

function flat() {
  const made = document.createElement("canvas"),
    canvas = at("receipt");
  Object.assign(made, { width: WIDE, height: sheet.rows + 40 });
  const context = made.getContext("2d");
  context.fillStyle = "#fdfcf8";
  context.fillRect(0, 0, made.width, made.height);
  context.drawImage(canvas, 0, 16);
  return made.toDataURL("image/png");
}

function clear() {
  Object.assign(sheet, { rows: 0, cut: false, shown: 0, n: null });
  at("roll").style.height = "0";
  at("receipt").height = 1;
  show();
}

/** Onto the mat with it. */
function land() {
  if (!sheet.rows) return;
  mat.push(flat());
  if (mat.length > KEPT) mat.shift();
  clear();
  pile();
}

async function tear() {
  at("sorry-terminal").textContent = "";
  const paper = at("paper"),
    focused = document.activeElement === at("tear");
  try {
    if (!sheet.cut) await act("paper", { action: "tear" });
  } catch (error) {
    regret(at("sorry-terminal"), error);
    return;
  }
  const end = () => {
    land();
    if (focused) at("pile").querySelector("a")?.focus();
  };
  if (still()) return end();
  paper.animate(
    [
      { transform: "none" },
      { transform: "translateY(-14px) rotate(-1.2deg)", offset: 0.35 },
      { transform: "translate(-60px, -40px) rotate(-7deg) scale(.55)", opacity: 0 },
    ],
    { duration: 440, easing: "cubic-bezier(.3,.7,.2,1)" },
  ).onfinish = end;
}

function pile() {
  fill(
    at("pile"),
    mat.length
      ? [
          h(
            "a",
            { href: mat.at(-1), download: `receipt-${S.live.papers}.png`, "aria-label": t("pileLabel", S.live.papers), "data-focus": "pile" },
            h(
              "div",
              {},
              mat.map((url) => h("img", { src: url, alt: "" })),
            ),
            h("span", {}, t("pile")),
          ),
        ]
      : [],
  );
}

/** Everything anew: what hangs out of the printer, and the newest papers on the mat. */
async function again() {
  clear();
  if (S.live.paper_rows) {
    const image = await blob("paper.png")
      .then(picture)
      .catch(() => null);
    if (image) add(image);
  }
  show();
}

async function anew() {
  const kept = sheet.cut && sheet.n === S.live.papers - 1 && !S.live.paper_rows;
  if (kept || (sheet.rows && !sheet.cut && sheet.rows === S.live.paper_rows)) return;
  mat.length = 0;
  await again();
  for (let n = Math.max(0, S.live.papers - KEPT); n < S.live.papers; n++) {
    const data = await blob(`paper.png?n=${n}`).catch(() => null);
    if (data) mat.push(URL.createObjectURL(data));
  }
  pile();
}

function plug() {
  const out = !S.live.powered;
  const shape = icon("0 0 34 56", []);
  shape.innerHTML =
    '<g class="pl"><path class="pins" d="M12 17v7M22 17v7"/>' +
    '<path class="hull" d="M7 23h20v8a8 8 0 0 1-6 7.7V42h-8v-3.3A8 8 0 0 1 7 31z"/><path class="wire" d="M17 42v20"/></g>' +
    '<g class="sock"><rect x="3" y="1" width="28" height="18" rx="5.5"/><path d="M12 7.5v5M22 7.5v5"/></g>';
  at("plug").classList.toggle("out", out);
  fill(at("plug"), [shape, h("span", {}, t(out ? "plugIn" : "plugOut"))]);
}

async function pull() {
  at("sorry-terminal").textContent = "";
  try {
    await act("fault", { fault: S.live.powered ? "power_off" : "power_on" });
  } catch (error) {
    regret(at("sorry-terminal"), error);
  }
}

export function begin() {
  const next = (work) => {
    chain = chain.then(work).catch((error) => {
      regret(at("sorry-terminal"), error);
    });
  };
  on("paper", (event) => next(() => take(event)));
  on("all", () => {
    plug();
    next(anew);
  });
  on("power", plug);
  on("lang", () => {
    if (S.live) {
      plug();
      pile();
    }
  });
  at("tear").addEventListener("click", tear);
  at("plug").addEventListener("click", pull);
  addEventListener("resize", () => sheet.rows && feed());
}
