# books.py: what the terminal believes and what the bank believes, as rows, and the two side by side.
from pathlib import Path

from microtill import demo
from microtill.bench.acquirer.bank import Bank
from microtill.device_source import amount, transaction
from microtill.terminal import Service, beside

_OF_A_PAYMENT = ("owed", "outcome", "printed", "reversal")


def from_journal(rows):
    """Payments from the journal's rows (as the console gives them): values, state in words, effects, what was printed, reversal. Rows of
    other kinds (alarms, refusals, settings, sums, closings) are no payment's."""
    payments = {}
    for row in rows:
        kind = row["record"]
        if kind not in _OF_A_PAYMENT:
            continue
        if kind == "owed":
            payments[row["stan"], row["field7"]] = {
                **{name: row[name] for name in ("stan", "field7", "amount_minor", "tip_minor", "currency", "trigger", "pan", "account", "aid",
                                                "label", "cvm")},
                "kind": transaction.KINDS[row["kind"]], "state": transaction.OWED, "original_stan": row["original_stan"],
                "original_field7": row["original_field7"], "response": "", "auth": "", "rrn": "", "printed": "", "number": row["number"]}
            continue
        mine = _newest(payments, row.get("stan"))
        if mine is None:
            continue
        if kind == "outcome":
            mine["state"], mine["what"] = row["state"], row["what"]
            for name in ("response", "auth", "rrn"):
                mine[name] = row[name] or mine[name]
        elif kind == "printed":
            mine["printed"] = row["result"]
        elif kind == "reversal":
            mine["reversal_stan"] = row["reversal_stan"]
    return _with_effects(list(payments.values()))


def _newest(payments, stan):
    found = [payment for payment in payments.values() if payment["stan"] == stan]
    return found[-1] if found else None


def _with_effects(payments):
    """A voided sale moved no money in the end."""
    voided = {(p["original_stan"], p["original_field7"]) for p in payments if p["kind"] == "void" and p["state"] == transaction.APPROVED}
    for payment in payments:
        kind = next(number for number, word in transaction.KINDS.items() if word == payment["kind"])
        effects = transaction.effects(kind, payment["state"])
        payment["voided"] = (payment["stan"], payment["field7"]) in voided
        payment["effects"] = 0 if payment["voided"] else effects
        payment["state"] = transaction.WORDS[payment["state"]]
    return payments


def terminal(bench):
    """The payments of a bench whose terminal runs or has run: its flash read as it stands, by a second terminal in service mode."""
    with beside(bench) as service:
        return from_journal(service.ask("journal"))


def rows_of_state(state):
    """The rows of the journal in a state folder."""
    with Service(state) as service:
        return service.ask("journal")


def of_bank(state):
    """The bank's records in a state folder."""
    return _on_disk(state) or []


def altered(rows):
    """The journal's rows that say where a record is not what was written: number, and how many from there on."""
    return [row for row in rows if row["record"] == "altered"]


def of_state(state):
    """(terminal's payments, bank's records) of a state folder."""
    return from_journal(rows_of_state(state)), of_bank(state)


def bank_effects(bench, stan, field7):
    """How many effects the bank's ledger has for one payment. With a bank elsewhere: what its ledger in this state folder says, else None."""
    if stan is None:
        return 0
    rows = bench.bank.records() if bench.bank else _on_disk(bench.state)
    return None if rows is None else sum(row["effects"] for row in rows if int(row["stan"]) == stan and field7 in (None, row["field7"]))


def _on_disk(state):
    path = Path(state) / "bank.sqlite" if state else None
    if path is None or not path.exists():
        return None
    bank = Bank(str(path))
    rows = bank.records()
    bank.close()
    return rows


def readable(row):
    """One row of the journal as [(name, words)]: kinds and states by name, minor units as money; what is empty or 0 is left out."""
    out = []
    for name, value in row.items():
        if value in ("", 0) or name in ("number", "record"):
            continue
        if name == "kind":
            value = transaction.KINDS.get(value, value)
        elif name == "state":
            value = transaction.WORDS.get(value, value)
        elif name.endswith("_minor"):
            value = amount.words(value, row.get("currency") or demo.CURRENCY).split(" ")[0]
        out.append((name.removesuffix("_minor"), value))
    return out


def settlement_differences(theirs):
    """The bank's settlements that were closed although its sums were others."""
    return [row for row in theirs if row["kind"] == "settlement" and row.get("closed") and row["differs"]]


def compare(mine, theirs):
    """(matched, differences): payments whose effects, amounts or kinds differ, or that only one side knows of as an effect. Reversals show in
    their payments; settlements and what was told again for them move no money."""
    bank = {(int(row["stan"]), row["field7"]): row for row in theirs if row["kind"] in ("sale", "refund", "void")}
    till = {(row["stan"], row["field7"]): row for row in mine}
    matched, differences = 0, []
    for key in sorted(set(bank) | set(till)):
        ours, other = till.get(key), bank.get(key)
        why = _difference(ours, other)
        if why:
            differences.append({"stan": key[0], "field7": key[1], "why": why, "terminal": ours, "bank": other})
        else:
            matched += 1
    return matched, differences


def _difference(ours, other):
    if ours is None:
        return "only the bank has it" if other["effects"] else ""
    if other is None:
        return "only the terminal has it" if ours["effects"] else ""
    if ours["effects"] != other["effects"]:
        return "effects %d and %d" % (ours["effects"], other["effects"])
    if ours["amount_minor"] != other["amount_minor"] or ours["kind"] != other["kind"]:
        return "amount or kind"
    return "still open" if ours["state"] in ("owed", "reversal due") else ""
