# drawn.py: every screen of the tables, and receipts, through the firmware's own Screen and Printer onto the chip models. Late where it hangs.
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from microtill import glyphs
from microtill.bench import firmware

sys.path.append(str(Path(__file__).resolve().parents[1] / "chips"))
from driver_rig import PRINTER, SCREEN, DriverRig  # noqa: E402

AMOUNT, BATCH = "99999999.99", "000042"
LONG = {                            # the longest values that a flow can give, in the order of the English screen; None: from a table
    "starting": ("DEVELOPMENT",), "ready": ("ALARMS", "TEST KEYS"), "ready_fixed": (AMOUNT, "EUR", "ALARMS", "TEST KEYS"),
    "choose": ("1 VISA DEBIT", "2 MASTERCARD", "3 MAESTRO", "", "", "", ""),
    "closed": ("REFUSALS", "REFUSALS", "ALARMS", "TEST KEYS"), "amount": (AMOUNT, "EUR"), "tap": (AMOUNT, "EUR"),
    "pin": (AMOUNT + " EUR", "********"), "approved": (AMOUNT, "EUR"), "declined": ("REASONS", "REASONS"), "cancelled": ("REASONS", "REASONS"),
    "recovered": ("RECOVERED", "RECOVERED", "RECOVERED"), "refused": ("REFUSALS", "REFUSALS"),
    "menu": ("1 void", "2 refund", "3 reprint", "4 x_totals", "5 z_totals"),
    "tip": (AMOUNT, "10%  9999.99", "15%  9999.99", "20%  9999.99"), "receipt": (AMOUNT, "EUR"), "head_hot": ("12",),
    "login": ("ROLES", "********"), "logged_in": ("ROLES",), "settled": (AMOUNT, "EUR", BATCH), "not_settled": ("REASONS", "REASONS"),
    "report": ("TITLE",), "self_test": ("PARTS",), "tested": ("PARTS", "PARTS"), "altered": ("128000000",), "held": ("REFUSALS",),
    "any_digits": ("********",), "number": ("TITLES", "000017"), "refund_amount": (AMOUNT, "EUR", AMOUNT), "confirm": ("TITLES", AMOUNT, "EUR"),
    "done": ("TITLES", AMOUNT, "EUR"), "printing": ("000017",),
}
SHORT = {AMOUNT: "12.50", AMOUNT + " EUR": "12.50 EUR", "********": "****", "10%  9999.99": "5%  0.63", "15%  9999.99": "10%  1.25",
         "20%  9999.99": "15%  1.88"}
_PARTS = ("battery", "case", "head", "light", "fan", "rtc", "flash", "reader", "printer", "screen", "keypad", "host", "keys")


def needs_font():
    """Skips by name where there are no glyphs, or fails where CI=true; else the font."""
    if glyphs.font() is None:
        words = "unifont.hex is missing: make setup, or apt-get install -y unifont"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    return glyphs.font()


def build(tmp_path, monkeypatch, *, without_font=False, extra=None):
    """The firmware built from a copy of the tree, with or without a font, with more languages {file name: source}; the bench then takes this one."""
    tree = tmp_path / "tree"
    for folder in firmware.FOLDERS:
        shutil.copytree(firmware.ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in (extra or {}).items():
        (tree / glyphs.LANGUAGES / name).write_text(text)
    if without_font:
        monkeypatch.setattr(glyphs, "font", lambda: None)
    built = firmware.compiled(tree, build=tmp_path / "build")
    monkeypatch.setattr(firmware, "compiled", lambda *a, **k: built)
    return built


def longest(tables, name):
    """Values for a screen, each the longest of what may stand there in this language: a tuple of texts."""
    from till.ui.letters import width
    out = []
    for place, value in enumerate(LONG.get(name, ())):
        if value == "TITLE":
            found = [tables.PAPER[key] for key in ("x_totals", "z_totals", "settled", "self_test")]
        elif value == "DEVELOPMENT":
            found = [tables.OTHER["development"]]
        elif value == "PARTS":
            found = [tables.PAPER[key] for key in _PARTS]
        elif name == "menu":
            digit, key = value.split()
            found = [digit + " " + tables.MENU[key]]
        elif value in ("REASONS", "REFUSALS", "RECOVERED"):
            found = [rows[min(place, len(rows) - 1)] for rows in getattr(tables, value).values()]
        elif hasattr(tables, value):
            found = list(getattr(tables, value).values())
        else:
            found = [value]
        out.append(max(found, key=width))
    return tuple(out)


def usual(tables, name):
    """Values as they mostly are."""
    return tuple(SHORT.get(value, value) for value in longest(tables, name))


def read_back(pictures):
    """Rows of each of these pictures (lists of rows), as the reader of pixels has them from the display, without blanks around."""
    from microtill.bench import ocr
    rig, seen = DriverRig(), []
    rig.when("drawn", lambda: seen.append([line.strip() for line in ocr.text(rig.screen.pixels()).split("\n")]))
    rig.run(SCREEN, """
import json
from till.devices.screen import Screen
async def main():
    owner = Screen(screen, ScreenError)
    running = asyncio.create_task(owner.run())
    for rows in json.loads(%r):
        owner.show(rows)
        await asyncio.sleep_ms(100)
        say("drawn")
    running.cancel()
""" % json.dumps(pictures))
    return seen


def screens(language, large=False, training=False, values=usual, own=None, tables=None):
    """[(name, rows given, text as shown by the ocr, pixels, picture)] of every screen, drawn by the firmware on the interpreter that ships."""
    from importlib import import_module

    from microtill.bench import ocr
    tables = tables or import_module("till.ui.languages." + language)
    given = [(name, list(values(tables, name))) for name in tables.SCREENS]
    rig, seen = DriverRig(), []
    for name, _ in given:
        rig.when("drawn " + name, lambda name=name: seen.append((name, ocr.text(rig.screen.pixels()), rig.screen.pixels(), rig.screen.image(2, 8))))
    said = rig.run(SCREEN, """
import json
from till.devices.screen import Screen
from till.ui.words import Words
async def main():
    words = Words((%r,))
    words.large, words.training = %r, %r
    owner = Screen(screen, ScreenError, json.loads(%r))
    running = asyncio.create_task(owner.run())
    for name, values in json.loads(%r):
        rows = words.screen(name, *values)
        owner.show(rows)
        await asyncio.sleep_ms(100)
        say("rows " + json.dumps(rows))
        say("drawn " + name)
    running.cancel()
""" % (language, large, training, json.dumps(own or {}), json.dumps(given)))
    rows = [json.loads(text[5:]) for text in said if text.startswith("rows ")]
    return [(name, row, text, pixels, image) for row, (name, text, pixels, image) in zip(rows, seen)]


def papers(language, payments, shop, training=False, own=None, **how):
    """Receipts of these payments as the printer model has them: chips.escpos_paper.Receipt."""
    rig = DriverRig()
    said = rig.run(PRINTER, """
import json
from till.devices.printer import Printer
from till.ui import receipt
from till.ui.words import Words
async def main():
    words = Words((%r,))
    words.training = %r
    owner = Printer(printer, lambda *what: None, PrinterError, json.loads(%r))
    for payment in json.loads(%r):
        rows = receipt.rows(payment, json.loads(%r), "customer_copy", words, **json.loads(%r))
        say(await owner.print(rows))
    pairs = ((words.of("PAPER", "sales"), "17    1234.50 EUR"), (words.of("PAPER", "refunds"), "1       12.00 EUR"), None,
             (words.of("PAPER", "net"), "1222.50 EUR"))
    say(await owner.print(receipt.report(words.of("PAPER", "z_totals"), pairs, json.loads(%r), words, 1767600000, 60, "test keys",
                                         (words.of("PAPER", "agreed"),))))
""" % (language, training, json.dumps(own or {}), json.dumps(payments), json.dumps(shop), json.dumps(how), json.dumps(shop)))
    assert said == ["printed"] * (len(payments) + 1), said
    return rig.printer.receipts


def sheet(pictures, columns=5):
    """One picture of many of one size, side by side."""
    from PIL import Image
    wide, high = max(each.width for each in pictures), max(each.height for each in pictures)
    whole = Image.new("RGB", (wide * min(columns, len(pictures)), high * -(-len(pictures) // columns)), (40, 40, 48))
    for n, each in enumerate(pictures):
        whole.paste(each.convert("RGB"), (n % columns * wide, n // columns * high))
    return whole
