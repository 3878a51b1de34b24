# pin.py: a PIN from the keys into the vault's buffer, digit by digit. No digit is ever a trigger, a str, or on a screen.
# Ends with "entered", "cancelled" or TimedOut; on all but the first the buffer is wiped.
from till.core.deadline import Deadline, Within
from till.core.errors import TimedOut
from till.ui import keys

LEAST, MOST = 4, 12             # ISO 9564-1: four to twelve digits


async def enter(keypad, vault, show, key_ms, whole_ms, sounder):
    """`show(n)` draws n stars. The keypad lends itself: its presses come here as indices and go nowhere else. Tones guide who cannot see:
    one when it begins, one alike for each digit, another for what is no digit, a low one for what is not taken."""
    whole = Deadline(whole_ms)
    vault.wipe_pin()
    keypad.lend(True)
    try:
        show(0)
        sounder.play("attention")
        while True:
            async with Within(Deadline(min(key_ms, whole.left_ms()))):
                index = await keypad.lent_key()
            before = vault.pin_size
            done = _take(vault, index)
            digit = keys.digit(index) >= 0
            sounder.play("bad" if digit and vault.pin_size == before or index == keys.ENTER and not done else "digit" if digit else "function")
            if done:
                if done == "cancelled":
                    vault.wipe_pin()
                return done
            show(vault.pin_size)
    except TimedOut:
        vault.wipe_pin()
        raise
    finally:
        keypad.lend(False)


def _take(vault, index):
    """Put one key into the buffer. "entered", "cancelled" or None for more."""
    digit = keys.digit(index)
    if digit >= 0:
        if vault.pin_size < MOST:
            vault.pin[vault.pin_size] = 0x30 + digit
            vault.pin_size += 1
    elif index == keys.CLEAR:
        vault.wipe_pin()
    elif index == keys.CANCEL:
        return "cancelled"
    elif index == keys.ENTER and vault.pin_size >= LEAST:
        return "entered"
    return None
