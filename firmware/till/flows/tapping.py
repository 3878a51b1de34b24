# tapping.py: a card at the reader, for a sale and for practice alike: shown, read to its end, taken away again. No bank is asked here.
import asyncio
import gc

from till.cards.emv.data import Room
from till.cards.emv.entry import Tap
from till.core import clock, log
from till.core.deadline import Deadline
from till.core.errors import TimedOut
from till.flows import common
from till.secure import pin

_AGAIN = ("try_again", "see_phone")
_MOST_TAPS, _LOOK_MS = 4, 2_000


async def card(till, session, minor, there=False):
    """("online", tap) where the card wants the bank asked; else (last screen, its reason). `there`: a card lies in the field already."""
    screen = ("tap",) + tuple(common.money(till, minor))
    for _ in range(_MOST_TAPS):
        if not there:
            why = await _presented(till, session, screen)
            if why == "two_cards":
                screen = ("one_card",)
                continue
            if why:
                return "cancelled", "card_removed" if screen[0] == "again" else why
        there = False
        till.show("reading")
        tap = await _dialogue(till, session, minor)
        till.speak(bytes(tap.language))
        if tap.outcome == "online":
            return "online", tap
        if tap.outcome not in _AGAIN:
            await till.reader.release()
            till.alarm_on_record("card", tap.reason, session.id)
            return "declined", tap.reason
        screen = ("see_phone",) if tap.outcome == "see_phone" else ("again",)
    return "cancelled", "card_removed"


async def _presented(till, session, screen):
    """None once one card is in the field, else why not: "two_cards", "customer", "nobody", "D01"."""
    till.show(*screen)
    till.room = till.room or Room()
    await asyncio.sleep(0)
    gc.collect()                        # now, while a hand moves: none is due in the tap itself
    till.reader.want_card(True, lifted=screen[0] != "tap")
    deadline = Deadline(till.parameters["waits"]["tap"])
    while True:
        try:
            trigger = await session.wait(("presented", "two_cards", "cancel"), Deadline(min(_LOOK_MS, deadline.left_ms())))
            break
        except TimedOut:
            if till.reader.given_up:
                return "D01"            # nobody is left to wait before a reader that is deaf
            if not deadline.left_ms():
                return "nobody"
    return {"two_cards": "two_cards", "cancel": "customer"}.get(trigger.name)


async def _dialogue(till, session, minor):
    """Every command of one tap, its decisions told to the log."""
    unpredictable, till.room = bytearray(4), till.room or Room()
    till.vault.random_into(unpredictable)
    unix = clock.unix()
    tap = Tap(till.parameters["emv"], minor, till.parameters["currency"], "sale", clock.date_yymmdd(unix), clock.time_hhmmss(unix), unpredictable,
              till.room)
    log.event("tap", session.id, "start")
    log.memory(session.id, "tap begins")
    command = tap.begin()
    while command is not None:
        answer = await till.reader.exchange(command, till.parameters["waits"]["card_ms"])
        command = tap.removed() if answer is None else tap.answer(answer)
    log.memory(session.id, "tap ends")
    for step in tap.steps:
        log.event("step", session.id, step[0], _hex(step[1]))
    log.event("tap", session.id, tap.outcome, tap.reason)
    return tap


def _hex(value):
    return value if isinstance(value, str) else bytes(value).hex() if not isinstance(value, int) else str(value)


async def enter_pin(till, show):
    """None when the PIN is in the vault's buffer, else the reason. `show(n)` draws n stars."""
    waits = till.parameters["waits"]
    try:
        done = await pin.enter(till.keypad, till.vault, show, waits["pin_key"], waits["pin"], till.sounder)
    except TimedOut:
        return "pin_timeout"
    return None if done == "entered" else "customer"


async def leave(till):
    """Whatever happened: no card is looked for, the field is off, no digit is kept."""
    till.reader.want_card(False)
    await till.reader.release()
    till.vault.wipe_pin()
