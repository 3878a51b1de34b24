# walk.py: sent to a board's prompt by the doctor: each part at its wires, asked by the driver that ships. One line of JSON a part: name, true,
# false or null (cannot be known), what was found or the driver's code. Touches no journal, prints nothing on paper, leaves everything at rest.
import asyncio
import json
import time

import board
import pins
from machine import Pin

_FAST = 921600
_FIRST = 115200
ERRORS = board.sense_errors + (board.reader_error, board.printer_error, board.screen_error, OSError)


async def reader():
    board.reader_supply().value(1)
    reset = board.reader_reset()
    reset.value(0)
    await asyncio.sleep_ms(20)
    reset.value(1)
    await asyncio.sleep_ms(20)
    chip = board.reader()
    await chip.configure()
    ic, version, revision, _ = await chip.firmware_version()
    name = "PN5%02x %d.%d at %d" % (ic, version, revision, _FIRST)
    try:
        await chip.set_rate(_FAST)
        await chip.set_rate(_FIRST)
    except board.reader_error as error:
        return None, "%s; at %d: %s" % (name, _FAST, error.code)
    return True, "%s and %d" % (name, _FAST)


async def printer():
    from escpos_printer import trouble
    chip = board.printer()
    wrong = trouble(await chip.status())
    return (wrong is None, "ready") if wrong is None else (False, wrong)


async def screen():
    chip = board.screen()
    await chip.start()
    chip.frame.fill(0)
    chip.frame.text("microtill doctor", 0, 28, 1)
    chip.mark()
    await chip.flush()
    return True, "acknowledges at %#x" % pins.SCREEN_ADDRESS


async def gauge():
    return True, "cell at %d mV" % board.gauge().millivolts()


async def case():
    return True, "%.1f degrees" % (await board.case_thermometer().read() / 100)


async def head():
    return True, "%.1f degrees" % (board.head_thermometer().read() / 100)


async def light():
    return True, "%d lux" % await board.light().read()


async def clock():
    try:
        return True, "%d seconds since 1970" % board.rtc().read()
    except board.sense_errors as error:
        if error.code != "stopped":
            raise
        return None, "there, and never set"


async def charger():
    chip = board.charger()
    return True, "mains %s, charging %s" % ("yes" if chip.mains() else "no", "yes" if chip.charging() else "no")


async def lid():
    return (True, "closed") if not board.case_switch().value() else (None, "open")


async def fan():
    chip = board.fan()
    chip.want(100)
    try:
        await asyncio.sleep_ms(1500)
        rpm = await chip.rpm()
    finally:
        chip.want(0)
    return (True, "%d turns a minute" % rpm) if rpm else (False, "stands")


async def flash():
    chip = board.flash()
    if not hasattr(chip, "identify"):
        return True, "%d KiB of the chip's own" % (chip.size // 1024)
    return True, "JEDEC %02x %02x %02x" % tuple(chip.identify())


async def modem():
    chip = board.modem()
    await chip.start()
    return True, "ESP-AT %d.%d.%d" % chip.version[:3]


async def radio():
    import network
    wlan = network.WLAN(network.WLAN.IF_STA)
    wlan.active(True)
    return True, "%d networks are heard" % len(wlan.scan())


def contacts():
    """Which keys are closed now, as characters of the legend."""
    rows = [Pin(n, Pin.OPEN_DRAIN, value=1) for n in pins.KEYPAD_ROWS]
    columns = [Pin(n, Pin.IN, Pin.PULL_UP) for n in pins.KEYPAD_COLUMNS]
    closed = ""
    for r in range(len(rows)):
        rows[r](0)
        time.sleep_ms(1)
        for c in range(len(columns)):
            if not columns[c]():
                closed += pins.KEYPAD_LEGEND[r * len(columns) + c]
        rows[r](1)
    for row in rows:
        row(0)
    return closed


async def keypad():
    closed = contacts()
    return not closed, "every key is open" if not closed else "closed and not pressed: %s" % closed


PARTS = [reader, printer, screen, keypad, gauge, case, head, light, clock, charger, lid, fan, flash]
if hasattr(board, "modem"):
    PARTS.append(modem)
elif hasattr(board, "wifi"):
    PARTS.append(radio)
try:
    from nor import NorError as flash_error
except ImportError:
    from partition import FlashError as flash_error


async def walk():
    for part in PARTS:
        try:
            well, found = await part()
        except ERRORS + (flash_error,) as error:
            well, found = False, getattr(error, "code", "bus")
        print(json.dumps([part.__name__, well, found]))


async def pressed(within_ms):
    """The next key that closes and is let go, or None. Made anew each time: a key that stays down counts for none."""
    pad = board.keypad()
    try:
        return await asyncio.wait_for_ms(pad.key(), within_ms)
    except asyncio.TimeoutError:
        return None
