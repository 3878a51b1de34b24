// state.js: what the page knows of the bench, in one place, and who wants to hear when it changes. It changes only here.
import { act, blob, listen, read, Refused } from "./bench.js";

const MOST_ROWS = 2000,
  BOOKS_MS = 250,
  BOOKS_WATCH_MS = 4000;
const hearers = {};

/** live: as GET /state. rows: as /happened, oldest first. reach: "coming", "here", "away" or "token". seen: names of screens, with times. */
export const S = { live: null, rows: [], books: null, cards: [], reach: "coming", retry: 0, lang: "en", theme: "light", at: 0 };

/** on("screen lights", fn): hear of it. */
export function on(topics, hear) {
  for (const topic of topics.split(" ")) (hearers[topic] ||= []).push(hear);
}

export function tell(topic, news) {
  for (const hear of hearers[topic] || []) hear(news);
}

const TAKES = {
  screen(event) {
    S.live.screen = event.screen || event;
    tell("screen", S.live.screen);
    if (["ready", "approved", "declined", "recovered", "unknown", "cancelled", "asking", "done", "settled"].includes(S.live.screen.name)) booksSoon();
  },
  lights(event) {
    const { event: _, ...lights } = event;
    S.live.lights = event.lights || lights;
    tell("lights");
  },
  tone(event) {
    tell("tone", event);
  },
  paper(event) {
    S.live.papers = event.papers;
    S.live.paper_rows = event.rows;
    tell("paper", event);
    if (event.cut) booksSoon();
  },
  row(event) {
    const row = event.row || event;
    if (row.n <= newest()) return;
    S.rows.push(row);
    if (S.rows.length > MOST_ROWS) S.rows.splice(0, S.rows.length - MOST_ROWS);
    tell("row", row);
    if (row.kind !== "trigger" || row.origin !== "customer") booksSoon();
    if (row.kind === "act") stateSoon();
  },
  time(event) {
    Object.assign(S.live, { at_ms: event.at_ms, at: event.at, pace: event.pace });
    S.at = performance.now();
    tell("time");
  },
  environment(event) {
    S.live.environment = event.environment;
    tell("environment");
  },
  power(event) {
    S.live.powered = event.powered;
    tell("power");
    booksSoon();
  },
  field(event) {
    S.live.in_field = event.in_field;
    tell("field");
  },
};

const newest = () => S.rows.at(-1)?.n ?? 0;

/** Everything anew: at the start, after a line that broke, after a fresh terminal. */
async function refresh() {
  const live = await read("state");
  const last = newest(),
    fresh = S.live && (live.seed !== S.live.seed || live.at_ms < S.live.at_ms);
  if (fresh) S.rows = [];
  const rows = await read(`happened?after=${fresh ? 0 : last}&limit=1000`);
  S.live = live;
  S.at = performance.now();
  S.rows.push(...(rows.rows || rows).filter((row) => row.n > newest()));
  if (!S.cards.length) S.cards = await read("cards").then((cards) => cards.cards || cards);
  S.reach = "here";
  for (const topic of ["reach", "cards", "all"]) tell(topic);
  booksSoon();
}

let booksTimer = 0,
  booksBusy = false,
  booksWanted = false;
export function booksSoon() {
  clearTimeout(booksTimer);
  booksTimer = setTimeout(readBooks, BOOKS_MS);
}

async function readBooks() {
  if (booksBusy) {
    booksWanted = true;
    return;
  }
  booksBusy = true;
  try {
    S.books = await read("books");
    tell("books");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  } finally {
    booksBusy = false;
  }
  if (booksWanted) {
    booksWanted = false;
    booksSoon();
  } else if (!S.books?.agree) booksTimer = setTimeout(readBooks, BOOKS_WATCH_MS);
}

let stateTimer = 0;
function stateSoon() {
  clearTimeout(stateTimer);
  stateTimer = setTimeout(async () => {
    const live = await read("state").catch(() => null);
    if (!live) return;
    Object.assign(S.live, { faults: live.faults, environment: live.environment, can_record: live.can_record, powered: live.powered });
    tell("faults");
    tell("environment");
  }, 120);
}

function lost(seconds) {
  S.reach = "away";
  S.retry = seconds;
  tell("reach");
}

function refused() {
  S.reach = "token";
  tell("reach");
}

export function start() {
  listen({ hear: (event) => S.live && TAKES[event.event]?.(event), again: refresh, lost, refused });
}

export { act, blob, read, refresh };
