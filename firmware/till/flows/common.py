# common.py: steps that flows share: typing an amount or a number, asking the host about a payment that is owed, paper, the last screen.
import asyncio
import gc

from till.acquirer.outbox import CONNECT_MS
from till.core import clock, log
from till.core.deadline import Deadline
from till.core.errors import JournalFull, LinkLost, StorageFault, TimedOut, WornOut
from till.flows import looking
from till.money import amount, transaction
from till.ui import letters, receipt

KEYS = ("digit", "clear", "enter", "cancel")
RESULT_MS = 1_500               # how long a result stands before the terminal is ready again
_TOO_OFTEN = ("L06", "L07", "L08", "L09")
_LOOK_AGAIN_MS, _MOST_COOLING = 5_000, 120      # at a hot print head: ten minutes in all


async def type_number(till, session, draw, first="", most=9, key_ms=None):
    """Digits from the keys, until enter. `draw(text)` shows them. Returns the text, or None where cancelled. Raises TimedOut."""
    text = first
    while True:
        draw(text)
        trigger = await session.wait(KEYS, Deadline(key_ms or till.parameters["waits"]["key"]))
        if trigger.name == "digit" and len(text) < most and (text or trigger.data):
            text += str(trigger.data)
        elif trigger.name == "clear":
            text = ""
        elif trigger.name == "cancel":
            return None
        elif trigger.name == "enter" and text:
            return text


def new_payment(till, session, kind, minor, **more):
    """A records.PAYMENT for this terminal, now, under the trigger's id, with a STAN of its own (synced)."""
    unix = clock.unix()
    values = {"stan": till.next_stan(), "kind": kind, "amount_minor": minor, "currency": till.parameters["currency"], "unix": unix,
              "original_stan": 0, "tip_minor": 0, "trigger": session.id, "field7": clock.sent_at(unix), "pan": "", "account": "", "sequence": "",
              "entry": "", "aid": "", "label": "", "cvm": "", "original_field7": "", "original_rrn": "", "original_auth": "", "tvr": ""}
    values.update(more)
    return values


async def online(till, session):
    """Make sure of the host before anything is owed: old debts first. Returns None, or the reason why not."""
    if till.outbox.owes() and not await till.outbox.drain():
        return "owed"
    try:
        await till.link.open(Deadline(CONNECT_MS), session.id)
    except (LinkLost, TimedOut):
        return "no_link"
    except (JournalFull, StorageFault, WornOut) as error:
        return fault(till, error)       # its sign-on needs a key, which is counted first
    return None


async def authorise(till, session, payment, request, envelope):
    """Sync 1 has been made: ask, and write down how it ended (sync 2). Returns (state, response or reason)."""
    stan = payment["stan"]
    try:
        log.event("host", session.id, "sent", "0200", stan)
        answer = await till.outbox.ask(request, envelope, session.id, till.parameters["waits"]["host"])
    except (LinkLost, TimedOut, OSError) as error:
        return _happened(till, stan, "no_answer", None, getattr(error, "code", "N01"))
    log.memory(session.id, "answered")
    await asyncio.sleep(0)
    return _happened(till, stan, {"00": "approved", "10": "partial"}.get(answer["response"], "declined"), answer)


def _happened(till, stan, what, answer, reason=""):
    """Sync 2. Where flash does not take it, what is on flash counts: the payment is owed, and the next start undoes it."""
    try:
        return till.ledger.happened(stan, what, answer, reason), answer["response"] if answer else ""
    except (JournalFull, StorageFault) as error:
        till.flash_failed(error)
        return transaction.REVERSAL_DUE, ""


def receipt_rows(till, payment, copy, again=False):
    """Rows for the printer: the merchant's copy in the shop's own language, the customer's in the one that is spoken now."""
    spoken = till.words.language
    if copy == receipt.MERCHANT:
        till.words.home()
    rows = receipt.rows(payment, till.parameters["shop"], copy, till.words, again, till.vault.label(), till.parameters["shop"]["offset_min"])
    till.words.use(spoken)
    return rows


async def wants_receipt(till, session, minor):
    """Where the owner has it asked: does the customer want one? Who says nothing wants none."""
    if till.parameters["sale"]["receipts"] == "always":
        return True
    till.show("receipt", *money(till, minor))
    try:
        trigger = await session.wait(("enter", "cancel"), Deadline(till.parameters["waits"]["key"]))
    except TimedOut:
        return False
    return trigger.name == "enter"


async def on_paper(till, session, rows):
    """Print; where paper is out, the person may put some in, and the rest comes out. Returns as Printer.print."""
    result = await till.printer.print(rows)
    while result != "printed" and await _go_on(till, session, result):
        result = await till.printer.resume()
    return result


async def paper(till, session, stan, copies=(receipt.MERCHANT, receipt.CUSTOMER), again=False):
    """Print each copy; sync 3 says how that ended. Where paper is out, the person may put some in, and the rest comes out."""
    await asyncio.sleep(0)              # what was shown comes before
    payment = await looking.through(till.ledger.find(stan))
    if payment is None:                 # flash has gone mute: what it cannot tell is not printed
        return log.event("paper", session.id, copies[-1], "no record")
    for copy in copies:
        await asyncio.sleep(0)
        result = await on_paper(till, session, receipt_rows(till, payment, copy, again))
        log.event("paper", session.id, copy, result)
        till.on_record(till.ledger.printed, stan, 1, result)
        if result != "printed":
            return


async def _go_on(till, session, result):
    """Show what is wrong with the paper; True where it goes on: the person has mended it, or the head has cooled."""
    if result == "hot":
        return await _cooled(till, session)
    till.show("paper_out" if result == "paper_out" else "printer_silent")
    try:
        trigger = await session.wait(("enter", "cancel"), Deadline(till.parameters["waits"]["key"]))
    except TimedOut:
        return False
    return trigger.name == "enter"


async def _cooled(till, session):
    """Wait for the print head, and say for how long about; False where the person wants no receipt."""
    for _ in range(_MOST_COOLING):
        till.show("head_hot", till.printer.cool_min())
        try:
            await session.wait(("cancel",), Deadline(_LOOK_AGAIN_MS))
            return False
        except TimedOut:
            if not till.printer.too_hot():
                return True
    return False


async def ended(till, session, name, values, why=""):
    """The last screen: it stands for a moment, or until a key."""
    till.show(name, *values)
    log.event("outcome", session.id, name, why)
    log.memory(session.id, "ended")
    try:
        await session.wait(("enter", "cancel", "clear"), Deadline(RESULT_MS))
    except TimedOut:
        pass


async def refused(till, session, name, why):
    """"declined" or "cancelled", and the reason in words. Nothing was charged."""
    await ended(till, session, name, till.words.reason(why), why)


def refused_on_record(till, session, minor, code, kind=transaction.SALE):
    """A guard refused what somebody had keyed: on record, so that an owner can see what other limits would have done. Too often is an alarm."""
    if not till.facts.training:
        till.on_record(till.ledger.refuse, kind, minor, code, session.id)
        if code in _TOO_OFTEN and "velocity" not in till.alarms.active:
            till.offer("security", "velocity", code)


def pages(till, name, rows):
    """Rows of a list, one below the other, cut to what a screen of that name has room for; each page as long as the room."""
    room, rows = till.words.room(name), letters.aligned(rows)
    return [rows[at:at + room] + [""] * (room - len(rows[at:at + room])) for at in range(0, max(len(rows), 1), room)]


def kick_outbox(till):
    """Something is owed: let the back lane see to it."""
    if till.outbox.owes():
        till.offer("network", "owed")


def money(till, minor):
    """("12.50", "EUR") for screens."""
    return amount.words(minor, till.parameters["currency"]).split(" ")


async def by_reference(till, session, kind, title):
    """Void and refund share this: which payment, is it one that can be undone, sure?, ask the bank, paper."""
    stan = await type_number(till, session, lambda text: till.show("number", title, text or "_"), most=6)
    if stan is None:
        return await refused(till, session, "cancelled", "customer")
    sale = await looking.through(till.ledger.find(int(stan)))
    why, left = await undoable(till, sale)
    if why:
        return await refused(till, session, "declined", why)
    minor = sale["amount_minor"]
    if kind == transaction.REFUND:
        minor = await _how_much(till, session, left)
        if minor is None:
            return await refused(till, session, "cancelled", "customer")
        till.facts.amount_minor = minor
        code = session.step("operator", "refund_amount", minor)
        if code:
            refused_on_record(till, session, minor, code, kind)
            return await refused(till, session, "cancelled", code)
        if minor > left:
            return await refused(till, session, "declined", "too_much")
    elif left != minor:
        return await refused(till, session, "declined", "already_undone")
    till.show("confirm", title, *money(till, minor))
    trigger = await session.wait(("enter", "cancel"), Deadline(till.parameters["waits"]["key"]))
    if trigger.name == "cancel":
        return await refused(till, session, "cancelled", "customer")
    return await _undo(till, session, kind, title, sale, minor)


async def undoable(till, sale):
    """(reason why not, minor units left) of a sale on record."""
    if sale is None or sale["kind"] != transaction.SALE:
        return "no_such_payment", 0
    if sale["state"] != transaction.APPROVED:
        return "not_approved", 0
    refunded, voided = await looking.through(till.ledger.refunds_of(sale["stan"], sale["field7"]))
    left = 0 if voided else sale["amount_minor"] - refunded
    return ("already_undone", 0) if left <= 0 else ("", left)


async def _how_much(till, session, left):
    def draw(text):
        number, name = money(till, int(text or "0"))
        till.show("refund_amount", number, name, money(till, left)[0])
    text = await type_number(till, session, draw)
    return None if text is None else int(text)


async def _undo(till, session, kind, title, sale, minor):
    till.show("asking")
    why = await online(till, session)
    if why:
        return await refused(till, session, "declined", why)
    async with till.outbox.turn:
        payment = new_payment(till, session, kind, minor, original_stan=sale["stan"], original_field7=sale["field7"], pan=sale["pan"],
                              account=sale["account"], original_rrn=sale.get("rrn", ""), original_auth=sale.get("auth", ""))
        await asyncio.sleep(0)
        envelope = till.vault.envelope()
        await asyncio.sleep(0)
        request = till.messages.payment(payment, envelope)
        await asyncio.sleep(0)
        till.ledger.owe(payment)
        state, response = await authorise(till, session, payment, request, envelope)
    return await conclude(till, session, payment, state, response, ("done", title))


async def conclude(till, session, payment, state, response, good):
    """Screens and paper for how it ended."""
    await asyncio.sleep(0)
    gc.collect()                        # before the paper, while the person reads
    await asyncio.sleep(0)
    if state == transaction.APPROVED:
        till.show(*good, *money(till, payment["amount_minor"]))
        if await wants_receipt(till, session, payment["amount_minor"]):
            await paper(till, session, payment["stan"])
        else:
            till.on_record(till.ledger.printed, payment["stan"], 0, "not wanted")
        return await ended(till, session, good[0], good[1:] + tuple(money(till, payment["amount_minor"])), "approved")
    if state == transaction.DECLINED:
        till.show("declined", *till.words.reason(response))
        await paper(till, session, payment["stan"], (receipt.CUSTOMER,))
        return await refused(till, session, "declined", response)
    name, values = ("declined", till.words.reason(response)) if response else ("unknown", ())     # 10: a part, which is not taken
    till.show(name, *values)
    kick_outbox(till)
    await paper(till, session, payment["stan"], (receipt.CUSTOMER,))
    return await ended(till, session, name, values, response or "no_answer")


def fault(till, error):
    """The reason for an error of flash or keys that ends a flow before anything was owed."""
    if isinstance(error, WornOut):
        till.offer("security", "keys_worn")
        return "S17"
    till.flash_failed(error)
    return error.code
