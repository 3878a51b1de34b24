// bench.js: the way to the bench. Acts are POSTs, what is happening comes by one WebSocket; a line that breaks is tried again, and what was
// missed is read anew. Acts raise Refused (code, words); code "away" where the bench cannot be reached.
const KEPT = "microtill.token",
  FIRST_MS = 500,
  LONGEST_MS = 8000;

export class Refused extends Error {
  constructor(code, words) {
    super(words);
    this.code = code;
  }
}

/** The token of the address; kept for this window and taken out of the address bar, so that nobody shares it by accident. */
function token() {
  const here = new URL(location.href),
    given = here.searchParams.get("token");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    here.searchParams.delete("token");
    history.replaceState(null, "", here);
  }
  return sessionStorage.getItem(KEPT) || "";
}

export const TOKEN = token();

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(`api/${path}`, { cache: "no-store", ...options, headers: { Authorization: `Bearer ${TOKEN}`, ...options.headers } });
  } catch {
    throw new Refused("away", "");
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Refused(told.error || `C${answer.status}`, told.words || "");
}

export const read = async (path) => (await ask(path)).json();
export const blob = async (path) => (await ask(path)).blob();

/** An act: its answer as an object. */
export async function act(path, body) {
  return (await ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })).json();
}

/** Listen: hear(event) for each, again() after every (re)connection, lost(seconds until the next try), refused() for a wrong token. */
export function listen({ hear, again, lost, refused }) {
  let pause = FIRST_MS,
    socket = null,
    timer = 0;
  async function connect() {
    clearTimeout(timer);
    const line = (socket = new WebSocket(
      `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/events?token=${encodeURIComponent(TOKEN)}`,
    ));
    line.onopen = async () => {
      try {
        await again();
        pause = FIRST_MS;
      } catch (error) {
        if (error.code === "C401" || error.code === "C403") return refused();
        line.close();
      }
    };
    line.onmessage = (message) => hear(JSON.parse(message.data));
    line.onclose = () => {
      if (line === socket) later();
    };
  }
  async function later() {
    try {
      await read("state");
    } catch (error) {
      if (error.code === "C401" || error.code === "C403") return refused();
    }
    lost(Math.ceil(pause / 1000));
    timer = setTimeout(connect, pause);
    pause = Math.min(pause * 2, LONGEST_MS);
  }
  addEventListener("online", () => {
    pause = FIRST_MS;
    if (socket.readyState > 1) connect();
  });
  connect();
}
