// wallet.js: the cards, named by what they do; tapped by a click or dragged onto the reader, held, taken away, two at once. A refusal is told below.
import { all, at, fill, h, narrow, pick, still, strip } from "./dom.js";
import { act, on, S } from "./state.js";
import { listed, or, said, regret, t } from "./words.js";

const TONES = { approved: "pays", declined: "refused", cancelled: "odd" },
  MOST_COMMANDS = 12,
  DRAG_PX = 8;
const hand = { how: "tap", pulledAt: "", last: "visa-pin" };
let drag = null;

/** What people call a card: by what it does; one that is new to this page by its own name. */
export const called = (name) => or(`card.${name}`, name);
const tone = (card) => (/not_genuine/.test(card.reason) ? "odd" : TONES[card.outcome] || "odd");
const tail = (card) => `•• ${card.pan.replace(/\D/g, "").slice(-4) || card.pan.slice(-4)}`;

function cards() {
  fill(
    at("cards"),
    S.cards.map((card) =>
      h(
        "li",
        {},
        h(
          "button.card",
          {
            class: `${tone(card)}${S.live.in_field.includes(card.name) ? " away" : ""}`,
            "data-card": card.name,
            "data-focus": `card-${card.name}`,
            type: "button",
            title: card.about,
            "aria-label": listed([called(card.name), ...(card.pin ? [`${t("pin")} ${card.pin}`] : []), said(card.about)]),
          },
          h("b", {}, called(card.name)),
          h("span", {}, card.pin ? `${t("pin")} ${card.pin}` : tail(card)),
          h("i.chip", { "aria-hidden": "true" }),
        ),
      ),
    ),
  );
}

function hold() {
  fill(
    at("how"),
    strip(
      "how",
      t("how"),
      ["tap", "hold"].map((how) => [how, t(`how.${how}`)]),
      hand.how,
      (how) => {
        hand.how = how;
      },
    ),
  );
  const choice = pick(
    t("pulledAt"),
    [["", t("stays")], ...Array.from({ length: MOST_COMMANDS }, (_, n) => [n + 1, t("atCommand", n + 1)])],
    hand.pulledAt,
    (value) => {
      hand.pulledAt = value;
    },
    { id: "pulled-at" },
  );
  choice.removeAttribute("aria-label");
  at("pulled-at").replaceWith(choice);
}

/** What lies in the field: the zone's word, and cards that are away from their pocket. */
function field() {
  const names = S.live.in_field;
  at("zone").classList.toggle("busy", names.length > 0);
  at("zone").classList.toggle("waiting", !names.length && S.live.powered && ["tap", "again", "ready_fixed", "one_card"].includes(S.live.screen.name));
  at("zone-word").textContent = t(["zone", "takeAway", "takeBoth"][Math.min(2, names.length)]);
  at("zone").setAttribute(
    "aria-label",
    names.length ? `${t("inField", listed(names.map(called)))} ${t(names.length > 1 ? "takeBoth" : "takeAway")}` : t("zone"),
  );
  for (const card of all(".card")) {
    const there = names.includes(card.dataset.card);
    card.classList.toggle("away", there);
    card.setAttribute("aria-pressed", String(there));
  }
}

/** Bring a card to the reader ("tap": for a while, "hold": to stay) or take it away ("pull"). */
export async function present(name, action = hand.how) {
  for (const place of ["sorry-cards", "sorry-terminal"]) at(place).textContent = "";
  hand.last = name;
  try {
    await act("tap", { card: name, action, ...(action !== "pull" && hand.pulledAt ? { pulled_at: Number(hand.pulledAt) } : {}) });
  } catch (error) {
    regret(at(narrow() || action === "pull" ? "sorry-terminal" : "sorry-cards"), error);
  }
}

/** The card flies to the reader, then it is there. */
function fly(card) {
  present(card.dataset.card);
  if (still() || narrow()) return;
  const from = card.getBoundingClientRect(),
    to = at("zone").getBoundingClientRect(),
    ghost = ghostOf(card, from);
  const dx = to.left + to.width / 2 - from.left - from.width / 2,
    dy = to.top + to.height / 2 - from.top - from.height / 2;
  const there = `translate(${dx}px, ${dy}px) rotate(-8deg) scale(.9)`;
  ghost.animate([{ transform: "none" }, { transform: there }, { transform: there, opacity: 0 }], {
    duration: 620,
    easing: "cubic-bezier(.2,.8,.2,1)",
  }).onfinish = () => ghost.remove();
}

function ghostOf(card, from) {
  const ghost = card.cloneNode(true);
  ghost.classList.add("ghost");
  ghost.setAttribute("aria-hidden", "true");
  ghost.tabIndex = -1;
  Object.assign(ghost.style, { left: `${from.left}px`, top: `${from.top}px`, width: `${from.width}px`, height: `${from.height}px` });
  document.body.append(ghost);
  return ghost;
}

function moved(event) {
  if (!drag || event.pointerId !== drag.id) return;
  const dx = event.clientX - drag.x,
    dy = event.clientY - drag.y;
  if (!drag.ghost && Math.hypot(dx, dy) > DRAG_PX) {
    drag.ghost = ghostOf(drag.card, drag.card.getBoundingClientRect());
    at("zone").classList.add("ready");
  }
  if (drag.ghost) drag.ghost.style.transform = `translate(${dx}px, ${dy}px) rotate(-4deg)`;
}

function dropped(event) {
  if (!drag || event.pointerId !== drag.id) return;
  const { card, ghost } = drag,
    zone = at("zone").getBoundingClientRect();
  drag = null;
  at("zone").classList.remove("ready");
  if (!ghost) return;
  ghost.remove();
  card.dataset.dragged = "1";
  if (
    event.type === "pointerup" &&
    event.clientX > zone.left &&
    event.clientX < zone.right &&
    event.clientY > zone.top &&
    event.clientY < zone.bottom
  )
    present(card.dataset.card);
}

export function begin() {
  at("cards").addEventListener("pointerdown", (event) => {
    const card = event.target.closest(".card");
    if (card && !event.button && event.pointerType === "mouse") drag = { card, id: event.pointerId, x: event.clientX, y: event.clientY };
  });
  addEventListener("pointermove", moved);
  addEventListener("pointerup", dropped);
  addEventListener("pointercancel", dropped);
  at("cards").addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    if (card.dataset.dragged) delete card.dataset.dragged;
    else if (S.live.in_field.includes(card.dataset.card)) present(card.dataset.card, "pull");
    else fly(card);
  });
  at("zone").addEventListener("click", () => {
    if (S.live.in_field.length) S.live.in_field.forEach((name) => present(name, "pull"));
    else present(hand.last);
  });
  on("all lang", () => {
    if (S.live) {
      cards();
      hold();
      field();
    }
  });
  on("field screen power", field);
}
