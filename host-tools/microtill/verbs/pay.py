# pay.py: one payment by a scripted customer. Ends 0 approved, 1 any other outcome, 2 where it could not be tried.
from microtill import books, reading
from microtill.bench import targets
from microtill.bench.bench import Bench
from microtill.bench.cards.wallet import Wallet
from microtill.bench.customer import Customer
from microtill.device_source import amount
from microtill.narrator import Narrator
from microtill.terminal import provision_demo

_WITHIN_MS = 900_000
_ARRIVES_MS = 10_300        # in stepped time the customer comes so long after power on, whatever the board had to do until then
REASONS = {"00": "approved", "05": "do_not_honour", "12": "not_possible", "14": "no_such_card", "25": "not_found", "30": "format", "43": "pick_up",
           "51": "no_funds", "54": "expired", "55": "wrong_pin", "59": "not_genuine", "61": "over_limit", "63": "security", "75": "pin_tries",
           "91": "bank_away", "94": "duplicate", "96": "malfunction", "10": "partial"}
_OUTCOMES = {"approved": "approved", "declined": "declined", "cancelled": "cancelled", "unknown": "unknown", "done": "approved"}


def pay(state, text, card="visa", pin=None, seed=1, receipt=None, real=False, host=None, pulled_at=None, setup=None, hear=None, wired=False):
    """Runs the payment; returns the answer of `microtill --json pay`. `setup(bench)`: before power comes on (faults, moods);
    `hear(row)`: every row of the story as it comes. `wired`: reader, printer, modem and keypad on the emulated chip's real
    pins. Raises Malformed for an amount, KeyError for a card."""
    minor = amount.parse(text, 2)
    provision_demo(state, seed)
    bench = Bench(state, seed=seed, real=real or wired or host is not None, host=host, bank=host is None,     # a real bank has real time
                  **(_wires() if wired else {}))
    try:
        if hear:
            bench.story.listeners.append(hear)
        if setup:
            setup(bench)
        chosen = bench.wallet.card(card, pulled_at) if card else None
        person = Customer(bench, minor, chosen, pin if pin is not None else None)
        bench.start()
        began = bench.world.now
        bench.run(lambda: reading.name(bench.shown) in reading.AT_REST, _WITHIN_MS)
        if not bench.rig.real:
            bench.run(lambda: False, _ARRIVES_MS - (bench.world.now - began) // 1000)
        bench.screens.clear()
        mark = len(bench.story.rows)
        person.begin()
        bench.run(lambda: person.finished, _WITHIN_MS)
        return _answer(bench, minor, mark, receipt)
    finally:
        bench.close()


def _wires():
    from microtill.bench.bench import pins
    from microtill.rig.wired import WiredQemu, WiredRig
    return {"target": WiredQemu(pins()), "rig": WiredRig}


def _answer(bench, minor, mark, receipt):
    rows = bench.story.rows[mark:]
    outcome, reason, trigger = _outcome(rows)
    stan = next((int(row["stan"]) for row in rows if row["kind"] == "money" and row["trigger"] == trigger), None)
    papers = bench.printer.receipts
    if receipt and papers:
        papers[-1].png(receipt)
    sent = (row for row in rows if row["kind"] == "message" and row["trigger"] == trigger and row.get("mti") == "0200")
    field7 = next((row["fields"]["7"] for row in sent), None)
    terminal = sum(row["effects"] for row in books.terminal(bench) if row["trigger"] == trigger)
    return {"outcome": outcome, "reason": reason, "amount_minor": minor, "currency": "EUR", "stan": stan, "trigger": trigger,
            "screens": [plain(text) for text in bench.screens], "receipt_text": papers[-1].text if papers else "",
            "receipts": [paper.text for paper in papers],
            "card_ms": sum(row["took_us"] for row in rows if row["kind"] == "apdu" and row["trigger"] == trigger) // 1000,
            "terminal_effects": terminal, "bank_effects": books.bank_effects(bench, stan, field7),
            "state": str(bench.state) if bench.state else None, "wire": bench.rig.trace.hexdigest()}


def _outcome(rows):
    """(outcome, reason word, trigger id) of the sale in these rows."""
    for row in reversed(rows):
        if row["kind"] == "outcome":
            reason = row.get("reason", "")
            return _OUTCOMES.get(row["screen"], "unknown"), REASONS.get(reason, reason), row["trigger"]
    for row in rows:                    # the first, not what was keyed in vain after it
        if row["kind"] == "trigger" and row["end"] == "refused":
            return "cancelled", row["reason"], row["trigger"]
    return "unknown", "nothing happened", ""


def command(out, state, text, card, pin, seed, receipt, real, host, no_bank, pulled_at, wrong_card_key, wired=False):
    """`microtill pay`: (status, answer)."""
    def setup(bench):
        if no_bank:
            bench.network.refuse = True
        if wrong_card_key:
            bench.bank.spoil_card_key(card)
    if wired and not targets.chosen_is("qemu-stm32"):
        raise NoWires("the sim has no pins")
    if card not in Wallet(None).names():
        raise UnknownCard(card)
    if pin is None:
        pin = Wallet(None).person(card).pin
    if not (pin.isascii() and pin.isdigit()):
        raise BadPin("digits only")
    out.say("state folder: %s" % state)
    hear = None if out.as_json or out.quiet else Narrator(out).hear
    answer = pay(state, text, card, pin, seed, receipt, real, address(host), pulled_at, setup=setup, hear=hear, wired=wired)
    out.say()
    out.say("%s, %s: %s EUR, trigger %s; effects: terminal %d, bank %d" % (
        answer["outcome"], answer["reason"], text, answer["trigger"], answer["terminal_effects"], answer["bank_effects"]))
    return (0 if answer["outcome"] == "approved" else 1), answer


def address(host):
    """"name:port" -> (name, port), or None."""
    if host is None:
        return None
    name, colon, port = host.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        raise BadAddress(host)
    return name, int(port)


class BadAddress(Exception):
    code = "U01"


class UnknownCard(Exception):
    code = "U05"


class BadPin(Exception):
    code = "U06"


class NoWires(Exception):
    code = "U30"


def plain(text):
    """A screen's words without its layout: one line for each row that says something."""
    return "\n".join(line.strip() for line in text.split("\n") if line.strip())
