// books.js: the terminal's journal and the bank's ledger side by side. Red stands here alone: where the two do not say the same.
import { at, fill, h, icon } from "./dom.js";
import { money } from "./money.js";
import { on, S } from "./state.js";
import { or, t } from "./words.js";

const EQUAL = [["path", { d: "M2 4.5h9M2 8.5h9" }]],
  UNEQUAL = [["path", { d: "M2 4.5h9M2 8.5h9M9 1.5l-5 10" }]];

function side(half, label, differs, { exponent, currency }, mixed) {
  if (!half) return h("td", { class: differs ? "diff" : "", "data-side": label }, t("notKnown"));
  return h(
    "td",
    { class: differs ? "diff" : "", "data-side": label },
    h("b", {}, money(half.amount_minor, exponent)),
    mixed ? [" ", h("small", {}, currency)] : null,
    " ",
    or(`state.${half.state}`, half.state),
  );
}

function line(row, mixed) {
  const differs = !!row.differs,
    time = /(\d\d:\d\d):\d\d$/.exec(row.at)?.[1] || row.at;
  return h(
    "tr",
    { class: differs ? "differs" : "", "data-stan": row.stan },
    h("th", { scope: "row" }, h("code", {}, String(row.stan).padStart(6, "0")), " ", h("small", {}, `${time} ${or(`kind.${row.kind}`, row.kind)}`)),
    side(row.terminal, "terminal", differs, row, mixed),
    side(row.bank, "bank", differs, row, mixed),
  );
}

function draw() {
  const { rows, agree } = S.books || { rows: [], agree: true },
    count = rows.filter((row) => row.differs).length,
    currencies = [...new Set(rows.map((row) => row.currency))],
    mixed = currencies.length > 1;
  at("books").classList.toggle("differ", !agree);
  at("books").dataset.agree = S.books ? String(agree) : "";
  const verdict = h(
    "p.verdict",
    { role: "status", class: agree ? "ok" : "bad" },
    icon("0 0 13 13", agree ? EQUAL : UNEQUAL),
    h("span", {}, agree ? t("agree") : count === 1 ? t("differ1") : t("differ", count)),
  );
  const table = h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["payment", "journal", "ledger"].map((head, n) => h("th", { scope: "col" }, t(head), n || mixed ? null : [" ", h("code", {}, currencies[0])])),
      ),
    ),
    h("tbody", {}, [...rows].reverse().map((row) => line(row, mixed))),
  );
  fill(
    at("books"),
    h("header", {}, h("h2", { id: "h-books" }, t("books")), verdict),
    rows.length
      ? h("div.scroll", { tabindex: "0", role: "group", "aria-labelledby": "h-books", "data-focus": "books" }, table)
      : h("p.none", {}, t("noPayment")),
  );
}

export function begin() {
  on("books all lang", draw);
  draw();
}
