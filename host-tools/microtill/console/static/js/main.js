// main.js: the page begins here: each part hooks itself to what it shows, then the bench is listened to. What the page cannot reach it says.
import { all, at, fill, h, icon } from "./dom.js";
import { on, S, start, tell } from "./state.js";
import { t } from "./words.js";
import * as around from "./around.js";
import * as bar from "./bar.js";
import * as books from "./books.js";
import * as happened from "./happened.js";
import * as keypad from "./keypad.js";
import * as paper from "./paper.js";
import * as prepared from "./prepared.js";
import * as screen from "./screen.js";
import * as sound from "./sound.js";
import * as tour from "./tour.js";
import * as wallet from "./wallet.js";

const VIEWS = ["terminal", "side", "record"],
  WARN = [["path", { d: "M10 3.5 17.5 16.5h-15zM10 8.5v4M10 14.6v.1" }]];

function view(name) {
  at("bench").dataset.view = name;
  fill(
    at("views"),
    VIEWS.map((each) =>
      h(
        "button",
        { type: "button", "data-view": each, "data-focus": `view-${each}`, "aria-current": each === name ? "page" : null, onclick: () => view(each) },
        t(`view.${each}`),
      ),
    ),
  );
  tell("view");
}

/** Whether the bench can be reached, as a sentence above the page or in its place. */
function reach() {
  const known = S.reach === "here",
    barred = S.reach === "token";
  at("bench").hidden = !S.live || barred;
  document.querySelector(".closed")?.remove();
  fill(at("reach-slot"), known || barred ? [] : [h("p.reach", {}, icon("0 0 20 20", WARN), S.reach === "coming" ? t("coming") : t("away", S.retry))]);
  if (barred)
    at("bench").before(
      h(
        "main.panel.closed",
        {},
        h("div", { role: "alert" }, h("h2", {}, t("tokenTitle")), h("p", {}, t("tokenWhat"))),
        h("code", {}, "http://127.0.0.1:PORT/?token=…"),
      ),
    );
  document.documentElement.dataset.reach = S.reach;
}

function begin() {
  const wanted = prepared.asked();
  bar.begin(wanted);
  for (const part of [screen, keypad, sound, paper, wallet, around, happened, books]) part.begin();
  tour.begin(wanted.tour);
  prepared.begin(wanted.acts);
  view(wanted.view || "terminal");
  on("reach lang", reach);
  on("lang", () => view(at("bench").dataset.view));
  reach();
  start();
}

if (all("#terminal").length) begin();
