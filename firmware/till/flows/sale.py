# sale.py: a sale: what to pay, tap, PIN where the card asks, bank, paper. Cancelled at any step before the bank is asked.
import asyncio
import gc

from till.acquirer import messages
from till.cards.pan import mask, wipe
from till.core import log
from till.core.errors import JournalFull, StorageFault, WornOut
from till.flows import asking, common, looking, tapping
from till.money import transaction
from till.ui import receipt


async def run(till, session):
    till.facts.amount_minor = till.facts.card_minor = till.facts.card_count = 0
    await asyncio.sleep(0)              # what begins it, and the first screen: a turn for each
    try:
        minor, tip = await asking.amount(till, session)
        if minor is None:
            return
        there = session.trigger.name == "presented" and (till.looked or not looking.often(till))     # else it is asked for again, after a look
        why, values = await _card(till, session, minor, there)
        while why == "online":
            why, values = await _pay(till, session, minor, tip, values)
        if why:
            await common.refused(till, session, why, values)
    finally:
        await tapping.leave(till)


async def _card(till, session, minor, there=False):
    """As tapping.card, and a card that has paid enough today is told so, once it may leave; a display that died meanwhile ends it before the bank
    is asked."""
    why, tap = await tapping.card(till, session, minor, there)
    limited = till.parameters["limits"]["per_card"] or till.parameters["velocity"]["card_count"]
    if why == "online" and (limited or till.facts.screen_shows is False) and not isinstance(tap, str):
        if limited:
            await till.reader.release()
            till.show("asking")
            await looking.at_card(till, till.vault.account_hash(tap.pan))
        code = session.step("customer", "card", till.facts.card_minor)
        if code:
            tap.wipe()
            common.refused_on_record(till, session, minor, code)
            return "cancelled", code
    return why, tap


async def _pay(till, session, minor, tip, tap):
    """Ask the bank. Returns ("", ()) when all is said, or ("online", tap) for another tap after a wrong PIN, or a last screen."""
    await till.reader.release()
    try:
        if tap.cvm == "online_pin":
            why = _no_pin_key(till, session, minor)
            if why:
                return "cancelled", why
            amount = common.money(till, minor)[0]
            why = await tapping.enter_pin(till, lambda n: till.show("pin", amount, "*" * min(n, 8)))
            if why:
                return "cancelled", why
        till.show("asking")
        await asyncio.sleep(0)
        gc.collect()                    # the card has gone; the bank takes longer than this
        why = await common.online(till, session)
        if why:
            return "declined", why
        session.safe_point()
        async with till.outbox.turn:
            payment, request, envelope = await _owe(till, session, minor, tip, tap)
            state, response = await common.authorise(till, session, payment, request, envelope)
    except (JournalFull, StorageFault, WornOut) as error:
        return "declined", common.fault(till, error)
    finally:
        till.vault.wipe_pin()
        tap.wipe()
    if state == transaction.DECLINED and response == "55":
        till.show("declined", *till.words.reason("55"))
        await common.paper(till, session, payment["stan"], (receipt.CUSTOMER,))
        return await _card(till, session, minor)
    await common.conclude(till, session, payment, state, response, ("approved",))
    return "", ()


def _no_pin_key(till, session, minor):
    """None, or the reason why no PIN is asked for: the owner wants PINs under TDES, and there is no key for that."""
    wanted = till.parameters["host"]["pin_format"]
    if wanted == "iso-4":
        return None
    till.facts.pin_keyed = till.vault.pin_keyed(wanted)
    code = session.step("customer", "pin")
    if code:
        common.refused_on_record(till, session, minor, code)
    return code


async def _pin(till, envelope, tap):
    """(PIN block, TDES key serial number or None) as Messages.payment wants them; the PIN is wiped."""
    if tap.cvm != "online_pin":
        return None, None
    if till.parameters["host"]["pin_format"] == "iso-4":
        return till.vault.pin_block(envelope, tap.pan), None
    return await till.vault.pin_block_tdes(tap.pan)


async def _owe(till, session, minor, tip, tap):
    """Sync 1: number, keys, message, record. Nothing has left the terminal when this returns. It holds the host's turn, and lets other tasks
    have theirs between the parts, which take some milliseconds each."""
    payment = common.new_payment(
        till, session, transaction.SALE, minor, tip_minor=tip, pan=mask(tap.pan), account=till.vault.account_hash(tap.pan),
        sequence="" if tap.sequence is None else "%03d" % tap.sequence, entry="contactless", aid=bytes(tap.aid).hex().upper(), label=tap.label,
        cvm=tap.cvm, tvr=bytes(tap.tvr).hex())
    await asyncio.sleep(0)
    envelope = till.vault.envelope()
    block, tdes_ksn = await _pin(till, envelope, tap)
    emv = bytearray(255)
    size = tap.emv_data(emv, tap.cvm)
    await asyncio.sleep(0)
    clear = messages.account(tap)
    request = till.messages.payment(payment, envelope, memoryview(emv)[:size], clear, block, tdes_ksn)
    wipe(clear)
    await asyncio.sleep(0)
    till.ledger.owe(payment)
    log.memory(session.id, "owed")
    return payment, request, envelope
