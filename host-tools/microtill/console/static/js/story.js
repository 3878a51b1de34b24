// story.js: why a trigger came to what it came to: guards, card, bank, flash, paper. Each part says its result before it is opened; one that the
// bench has forgotten says so.
import { h, icon } from "./dom.js";
import { read } from "./bench.js";
import { apart, clause as cite, listed, or, said, sorry, t, WORDS } from "./words.js";

const PARTS = ["guards", "card", "bank", "flash", "paper", "seen"];
const HEADS = {
  guard: "guards",
  trigger: "guards",
  decision: "card",
  card: "card",
  host: "bank",
  flash: "flash",
  paper: "paper",
  screen: "seen",
  act: "seen",
};
const TVR = "95",
  TICK = [["path", { d: "m2.5 6.5 2.4 2.4 4.6-5.4" }]],
  BAR = [["path", { d: "M2.5 6h7" }]];
const BIT_TAGS = { ttq: "9F66", ctq: "9F6C", cid: "9F27", tvr: TVR, iac: "9F0E" };
const opened = new Set(["guards"]);

/** The element that tells the story of a trigger. */
export async function story(id) {
  let told;
  try {
    told = await read(`explain/${encodeURIComponent(id)}`);
  } catch (error) {
    return h("div.story", {}, h("p", {}, error.code === "C404" ? t("noStory") : sorry(error)));
  }
  const parts = Object.fromEntries(PARTS.map((part) => [part, told.steps.filter((step) => HEADS[step.what] === part)]));
  const ends = told.steps.filter((step) => step.what === "record");
  return h(
    "div.story",
    {},
    ends.length ? h("p", {}, ending(ends.at(-1))) : null,
    PARTS.filter((part) => parts[part].length).map((part) => fold(part, parts[part], TELL[part](parts[part]))),
  );
}

const ending = (step) => or(`money.${step.details.state}`, step.text, step.details.stan);

function fold(part, steps, [result, ...body]) {
  const made = h(
    "details",
    { open: opened.has(part), "data-part": part },
    h("summary", {}, h("b", {}, t(`part.${part}`)), h("span", {}, result), h("small", {}, `+${steps[0].t_ms} ms`)),
    h("div.in", {}, body),
  );
  made.addEventListener("toggle", () => {
    if (made.open) opened.add(part);
    else opened.delete(part);
  });
  return made;
}

function guards(steps) {
  const asked = steps.filter((step) => step.what === "guard"),
    not = asked.filter((step) => step.details.verdict !== "passed").length;
  const result = !asked.length ? t("noGuard") : not ? listed([t("passed", asked.length - not), t("didNot", not)]) : t("passed", asked.length);
  return [
    result,
    h(
      "ul.guards",
      { role: "list" },
      asked.map(({ details }) => {
        const good = details.verdict === "passed";
        return h(
          "li",
          { class: good ? "" : "no" },
          icon("0 0 12 12", good ? TICK : BAR),
          h("code", {}, details.guard),
          h(
            "span",
            {},
            or(`guard.${details.guard}`, details.guard),
            good ? null : [": ", or(`refusal.${details.verdict}`, details.verdict), " ", h("code", {}, details.verdict)],
          ),
        );
      }),
    ),
    asked.length ? h("cite", {}, cite(asked.at(-1).clause)) : null,
  ];
}

function card(steps) {
  const commands = steps.filter((step) => step.details.command),
    ms = Math.round(commands.reduce((sum, step) => sum + step.details.took_us, 0) / 1000);
  const gone = commands.length && commands.at(-1).details.response === null;
  const result = listed([t("commands", commands.length, ms), ...(gone ? [t("lastAnswer")] : [])]);
  const decided = steps.filter((step) => step.what === "decision");
  return [
    result,
    h(
      "ol.apdus",
      { role: "list" },
      commands.map((step) => h("li", {}, command(step))),
    ),
    decided.length ? h("div.found", {}, decided.map(verdict)) : null,
  ];
}

function command({ details, clause }) {
  const good = details.sw === "9000",
    rows = details.tags || [];
  return h(
    "details",
    {},
    h(
      "summary",
      {},
      h("b", {}, listed([said(details.name), ...(details.about ? [said(details.about)] : [])])),
      h("code.sw", { class: good ? "" : "odd" }, details.sw || "—"),
      h("small", {}, `${Math.round(details.took_us / 1000)} ms`),
    ),
    h("code.hex", {}, details.command),
    details.response === null ? h("p", {}, t("cmd.gone")) : null,
    details.asked?.length ? tree(details.asked) : null,
    rows.length ? tree(rows) : null,
    h("cite", {}, cite(clause)),
  );
}

/** TLVs, unfolded: containers first, what is in them further in. */
function tree(rows) {
  return h(
    "ul.tlv",
    { role: "list" },
    rows.map((row) =>
      h(
        "li",
        { class: `d${Math.min(4, row.depth)}` },
        h("code", {}, row.tag),
        h("span", {}, or(`tag.${row.tag}`, row.name)),
        row.value ? h("code.v", {}, spaced(row.value), row.text ? ` "${row.text}"` : "") : null,
        row.bits ? h("span.v", {}, apart(row.bits.map(bitWords))) : null,
      ),
    ),
  );
}

const spaced = (hex) => (/^[0-9A-F*]+$/i.test(hex) && hex.length > 8 ? hex.replace(/(.{4})(?=.)/g, "$1 ") : hex);

/** "byte 1 bit 8: words" in the page's words. */
function bitWords(bit) {
  const [, byte, number, words] = /^byte (\d) bit (\d): (.*)$/.exec(bit) || [];
  return byte ? `${t("byteBit", byte, number)}: ${said(words)}` : said(bit);
}

/** A decision of the kernel; one that is a field of bits shows them. */
function verdict({ details, clause }) {
  const tag = BIT_TAGS[details.name],
    value = String(details.value);
  const told = h(
    "p",
    {},
    h("span", {}, or(`decision.${details.name}`, details.name)),
    tag ? h("code", {}, spaced(value)) : h("b", {}, or(`value.${value}`, value)),
  );
  if (!tag) return h("div", {}, told);
  const words = (details.bits || []).map(bitWords);
  return h(
    "div",
    {},
    told,
    ["ttq", "ctq", "tvr"].includes(details.name) ? bits(value, words) : null,
    h(
      "ul",
      { role: "list" },
      (words.length ? words : [t("allZero")]).map((one) => h("li", {}, one)),
    ),
    h("cite", {}, cite(clause)),
  );
}

function bits(value, words) {
  const bytes = value.match(/../g) || [];
  return h(
    "div.bits",
    { role: "img", "aria-label": apart(words) || t("allZero") },
    bytes.map((hex, n) =>
      h(
        "span.byte",
        {},
        h("b", {}, n + 1),
        [...parseInt(hex, 16).toString(2).padStart(8, "0")].map((bit) => h("i", { class: bit === "1" ? "on" : "" })),
      ),
    ),
  );
}

function bank(steps) {
  const messages = steps.filter((step) => step.details.fields),
    to = messages.filter((step) => step.details.direction === "request"),
    from = messages.filter((step) => step.details.direction === "response");
  const mtis = (list) => [...new Set(list.map((step) => step.details.mti))].join(", ") || "—";
  return [
    t("messages", mtis(to), mtis(from)),
    messages.map((step) =>
      h(
        "div.msg",
        {},
        h(
          "h3",
          {},
          h("code", {}, step.details.mti),
          ` ${listed([or(`mti.${step.details.mti}`, step.details.mti_meaning), t(step.details.direction === "request" ? "sent" : "heard")])}`,
        ),
        h(
          "dl.fields",
          {},
          step.details.fields.map((field) =>
            h(
              "div",
              {},
              h("dt", {}, h("code", {}, field.field), h("span", {}, or(`field.${field.field}`, field.name))),
              h("dd", {}, h("code", {}, field.tags ? t("bytes", Math.round(field.value.length / 2)) : field.value), meaning(field)),
            ),
          ),
        ),
        h("cite", {}, cite(step.clause)),
      ),
    ),
  ];
}

/** What a code in a field means, where the page has words for it. */
function meaning({ field, value }) {
  const key = `meaning.${field}.${field === 3 ? value.slice(0, 2) : value}`;
  return WORDS[key] ? [" ", h("span", {}, t(key))] : null;
}

function flash(steps) {
  const sum = (name) => steps.reduce((total, step) => total + (step.details[name] || 0), 0),
    erases = sum("erases");
  return [
    listed([t("written", sum("programs"), sum("bytes")), ...(erases ? [t("erased", erases)] : [])]),
    h(
      "ol.syncs",
      { role: "list" },
      steps.map(({ details }) =>
        h(
          "li",
          {},
          h("span", {}, recordWords(details)),
          h(
            "code",
            {},
            `0x${Number(details.first_address || 0)
              .toString(16)
              .padStart(6, "0")}`,
          ),
          h("small", {}, t("bytes", details.bytes)),
        ),
      ),
    ),
    h("cite", {}, cite(steps[0].clause)),
  ];
}

const recordWords = ({ area, record }) => said(record) || or(`area.${area}`, area);

function paper(steps) {
  const slips = steps.filter((step) => step.details.receipt);
  return [
    t("printed", slips.length),
    h(
      "div.slips",
      {},
      slips.map((step) => h("pre.slip", { tabindex: "0", role: "group", "aria-label": t("receipt") }, step.details.receipt)),
    ),
  ];
}

function seen(steps) {
  const texts = steps
    .filter((step) => step.details.display)
    .map((step) =>
      step.details.display
        .split("\n")
        .map((row) => row.trim())
        .filter(Boolean)
        .join(" / "),
    );
  return [
    t("screens", texts.length),
    h(
      "ol.heard",
      { role: "list" },
      texts.map((text) => h("li", {}, text)),
    ),
  ];
}

const TELL = { guards, card, bank, flash, paper, seen };
