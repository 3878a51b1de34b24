# sale.py: a sale with the amount first: amount, tap, PIN where the card asks, bank, paper. Cancelled at any step before the bank is asked.
import gc

from till.acquirer import messages
from till.cards.emv.entry import Tap
from till.cards.pan import mask, wipe
from till.core import clock, log
from till.core.deadline import Deadline
from till.core.errors import JournalFull, StorageFault, TimedOut
from till.flows import common
from till.money import transaction
from till.secure import pin
from till.ui import receipt

_AGAIN = ("try_again", "see_phone")
_MOST_TAPS = 4


async def run(till, session):
    till.facts.amount_minor = 0
    minor = await _amount(till, session)
    if minor is None:
        return
    till.facts.amount_minor = minor
    try:
        why, values = await _card(till, session, minor)
        while why == "online":
            why, values = await _pay(till, session, minor, values)
        if why:
            await common.refused(till, session, why, values)
    finally:
        till.reader.want_card(False)
        await till.reader.release()
        till.vault.wipe_pin()


async def _amount(till, session):
    """Minor units, or None where cancelled or nobody went on."""
    def draw(text):
        till.show("amount", *common.money(till, int(text or "0")))
    try:
        text = await common.type_number(till, session, draw, str(session.trigger.data or ""))
        while text is not None and not int(text):
            text = await common.type_number(till, session, draw)
    except TimedOut:
        text = None
    if text is None:
        await common.refused(till, session, "cancelled", "customer")
        return None
    return int(text)


async def _card(till, session, minor):
    """("online", tap) where the card wants the bank asked; else (last screen, its values)."""
    screen = ("tap",) + tuple(common.money(till, minor))
    for _ in range(_MOST_TAPS):
        till.show(*screen)
        gc.collect()                    # now, while a hand moves: none is due in the tap itself
        till.reader.want_card(True, lifted=screen[0] != "tap")
        try:
            trigger = await session.wait(("presented", "two_cards", "cancel"), Deadline(till.parameters["tap_ms"]))
        except TimedOut:
            return "cancelled", "card_removed" if screen[0] == "again" else "nobody"
        if trigger.name == "cancel":
            return "cancelled", "card_removed" if screen[0] == "again" else "customer"
        if trigger.name == "two_cards":
            screen = ("one_card",)
            continue
        till.show("reading")
        tap = await _dialogue(till, session, minor)
        if tap.outcome == "online":
            return "online", tap
        if tap.outcome not in _AGAIN:
            await till.reader.release()
            till.ledger.alarm("card", tap.reason, session.id)
            return "declined", tap.reason
        screen = ("see_phone",) if tap.outcome == "see_phone" else ("again",)
    return "cancelled", "card_removed"


async def _dialogue(till, session, minor):
    """Every command of one tap, its decisions told to the log."""
    unpredictable = bytearray(4)
    till.vault.random_into(unpredictable)
    unix = clock.unix()
    tap = Tap(till.parameters["emv"], minor, till.parameters["currency"], "sale", clock.date_yymmdd(unix), clock.time_hhmmss(unix), unpredictable,
              till.room)
    log.event("tap", session.id, "start")
    log.memory(session.id, "tap begins")
    command = tap.begin()
    while command is not None:
        answer = await till.reader.exchange(command, till.parameters["card_ms"])
        command = tap.removed() if answer is None else tap.answer(answer)
    for step in tap.steps:
        log.event("step", session.id, step[0], _hex(step[1]))
    log.event("tap", session.id, tap.outcome, tap.reason)
    log.memory(session.id, "tap ends")
    return tap


def _hex(value):
    return value if isinstance(value, str) else bytes(value).hex() if not isinstance(value, int) else str(value)


async def _pay(till, session, minor, tap):
    """Ask the bank. Returns ("", ()) when all is said, or ("online", tap) for another tap after a wrong PIN, or a last screen."""
    await till.reader.release()
    try:
        if tap.cvm == "online_pin":
            why = await _pin(till, minor)
            if why:
                return "cancelled", why
        till.show("asking")
        gc.collect()                    # the card has gone; the bank takes longer than this
        why = await common.online(till, session)
        if why:
            return "declined", why
        session.safe_point()
        async with till.outbox.turn:
            payment, request, envelope = _owe(till, session, minor, tap)
            state, response = await common.authorise(till, session, payment, request, envelope)
    except (JournalFull, StorageFault) as error:
        return "declined", common.fault(error)
    finally:
        till.vault.wipe_pin()
        tap.wipe()
    if state == transaction.DECLINED and response == "55":
        till.show("declined", *till.words.reason("55"))
        await common.paper(till, session, payment["stan"], (receipt.CUSTOMER,))
        return await _card(till, session, minor)
    await common.conclude(till, session, payment, state, response, ("approved",))
    return "", ()


async def _pin(till, minor):
    """None when the PIN is in the vault's buffer, else the reason."""
    amount = common.money(till, minor)[0]
    try:
        done = await pin.enter(till.keypad, till.vault, lambda n: till.show("pin", amount, "*" * min(n, 8)),
                               till.parameters["pin_key_ms"], till.parameters["pin_ms"])
    except TimedOut:
        return "pin_timeout"
    return None if done == "entered" else "customer"


def _owe(till, session, minor, tap):
    """Sync 1, in one piece: number, keys, message, record. Nothing has left the terminal when this returns."""
    payment = common.new_payment(
        till, session, transaction.SALE, minor, pan=mask(tap.pan), account=till.vault.account_hash(tap.pan),
        sequence="" if tap.sequence is None else "%03d" % tap.sequence, entry="contactless", aid=bytes(tap.aid).hex().upper(), label=tap.label,
        cvm=tap.cvm, tvr=bytes(tap.tvr).hex())
    envelope = till.vault.envelope()
    block = till.vault.pin_block(envelope, tap.pan) if tap.cvm == "online_pin" else None
    emv = bytearray(255)
    size = tap.emv_data(emv, tap.cvm)
    clear = messages.account(tap)
    request = till.messages.payment(payment, envelope, memoryview(emv)[:size], clear, block)
    wipe(clear)
    till.ledger.owe(payment)
    log.memory(session.id, "owed")
    return payment, request, envelope
