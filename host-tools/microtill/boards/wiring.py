# wiring.py: the wiring of each board, drawn and as a table, from its pins.py and nothing else, so that it cannot drift from what runs.
# `python -m microtill.boards.wiring` writes docs/pictures/wiring-BOARD.svg and the tables in docs/boards.md. KeyError: the page has lost its marks.
import importlib.util
from html import escape

from microtill.bench.firmware import ROOT

BOARDS = {"esp32s3": ("ESP32-S3-DevKitC-1", "boards/esp32s3", "GPIO "), "stm32": ("PYBv1.1", "boards/stm32", ""),
          "blackpill": ("Black Pill F411", "boards/stm32/blackpill", "")}
# part, what it needs, kind of wire, side, (its pin, row of pins.py[, which of several])
PARTS = (
    ("PN532 reader", "3.3 V; its switches on HSU", "uart", 0, (("RXD", "READER_TX"), ("TXD", "READER_RX"), ("RSTPDN", "READER_RESET"),
                                                              ("supply switch", "READER_SUPPLY"))),
    ("Thermal printer, ESC/POS", "a supply of its own; 3.3 V levels", "uart", 0, (("RXD", "PRINTER_TX"), ("TXD", "PRINTER_RX"))),
    ("ESP-AT modem", "3.3 V, 500 mA; EN high", "uart", 0, (("RXD", "MODEM_TX"), ("TXD", "MODEM_RX"), ("EN", "MODEM_ENABLE"))),
    ("Admin console", "no wire: the socket marked UART", "uart", 0, (("RXD", "ADMIN_TX"), ("TXD", "ADMIN_RX"))),
    ("SSD1306 display", "3.3 V; address 3C", "i2c", 0, (("SCL", "SCREEN_SCL"), ("SDA", "SCREEN_SDA"))),
    ("Four sensors", "MAX17048, TMP117, BH1750, DS3231", "i2c", 0, (("SCL", "SENSE_SCL"), ("SDA", "SENSE_SDA"))),
    ("W25Q NOR flash", "3.3 V; /WP and /HOLD high", "spi", 0, (("/CS", "FLASH_SELECT"), ("CLK", "FLASH_SCK"), ("DO", "FLASH_MISO"),
                                                               ("DI", "FLASH_MOSI"))),
    ("Keypad, 4 x 4", "bare contacts", "key", 1, tuple(("row %d" % (n + 1), "KEYPAD_ROWS", n) for n in range(4)) +
     tuple(("column %d" % (n + 1), "KEYPAD_COLUMNS", n) for n in range(4))),
    ("Lights", "1 kOhm each, or the board's own", "pin", 1, (("power", "LIGHT_POWER"), ("link", "LIGHT_LINK"), ("alert", "LIGHT_ALERT"))),
    ("BQ24074 charger", "open drain", "pin", 0, (("/PGOOD", "MAINS_GOOD"), ("/CHG", "CHARGING"))),
    ("Case switch", "to ground while closed", "pin", 1, (("contact", "CASE_SWITCH"),)),
    ("Fan, 4 wires", "12 V; a 10 kOhm in its tachometer", "pin", 1, (("PWM", "FAN_PWM"), ("tachometer", "FAN_TACHO"))),
    ("Piezo", "through a transistor", "pin", 1, (("base", "PIEZO"),)),
    ("Vibration motor", "through a transistor", "pin", 1, (("base", "MOTOR"),)),
    ("Power latch", "low switches off", "pin", 1, (("hold", "HOLD"),)),
    ("Print head's thermistor", "to ground; 10 kOhm to 3.3 V", "adc", 1, (("divider", "HEAD_ADC"),)),
)
_COLOURS = {"uart": "#1d6fb8", "i2c": "#7a3fb0", "spi": "#b3541e", "key": "#0f7b6c", "pin": "#5b6470", "adc": "#b0264f"}
_NAMES = {"uart": "UART", "i2c": "I2C", "spi": "SPI", "key": "keys", "pin": "pin", "adc": "analog"}
_WIDTH, _CARD, _BOARD, _ROW, _HEAD, _GAP, _TOP = 920, 270, 210, 22, 42, 14, 64
_FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"
BEGIN, END = "<!-- wiring %s -->", "<!-- /wiring -->"


def pins(board):
    """The names and values of a board's pins.py."""
    spec = importlib.util.spec_from_file_location("wiring_pins_" + board, ROOT / BOARDS[board][1] / "pins.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


def wires(board):
    """[(part, needs, kind, side, [(its pin, the board's pin)])] of the parts that are wired, and the names of those that are not."""
    rows, found, without = pins(board), [], []
    for part, needs, kind, side, ends in PARTS:
        joined = []
        for pin, name, *which in ends:
            at = rows.get(name)
            at = at[which[0]] if which and at is not None else at
            if at is not None:
                joined.append((pin, "%s%s" % (BOARDS[board][2], at)))
        if joined:
            found.append((part, needs, kind, side, joined))
        else:
            without.append(part)
    return found, without


def table(board):
    """The wiring as Markdown."""
    found, without = wires(board)
    lines = ["| part | its pin to the board's | needs |", "|---|---|---|"]
    lines += ["| %s | %s | %s |" % (part, ", ".join("%s %s" % (pin, at.replace("GPIO ", "")) for pin, at in joined), needs)
              for part, needs, _, _, joined in found]
    return "\n".join(lines) + "\n\nNot on this board: %s.\n" % (", ".join(word[:1].lower() + word[1:] if word[1:2].islower() else word
                                                                        for word in without) or "nothing is left out")


def _text(x, y, words, size=13, colour="#1c2128", anchor="start", weight="400"):
    return "<text x='%d' y='%d' font-size='%d' fill='%s' text-anchor='%s' font-weight='%s'>%s</text>" % (
        x, y, size, colour, anchor, weight, escape(words))


def _card(y, part, needs, kind, side, joined):
    """(svg, y below it): one part, and its wires straight to the board."""
    height, colour = _HEAD + _ROW * len(joined) + 6, _COLOURS[kind]
    x = 20 if side == 0 else _WIDTH - 20 - _CARD
    edge = x + _CARD if side == 0 else x
    board = (_WIDTH - _BOARD) // 2 if side == 0 else (_WIDTH + _BOARD) // 2
    out = ["<rect x='%d' y='%d' width='%d' height='%d' rx='8' fill='#ffffff' stroke='#d0d7de'/>" % (x, y, _CARD, height),
           "<rect x='%d' y='%d' width='4' height='%d' rx='2' fill='%s'/>" % (x if side == 0 else x + _CARD - 4, y + 8, height - 16, colour),
           _text(x + 16, y + 20, part, 14, weight="600"), _text(x + 16, y + 36, needs, 11, "#57606a")]
    for n, (pin, at) in enumerate(joined):
        line = y + _HEAD + _ROW * n + 12
        out += ["<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='%s' stroke-width='2'/>" % (edge, line, board, line, colour),
                "<circle cx='%d' cy='%d' r='3.5' fill='%s'/><circle cx='%d' cy='%d' r='4' fill='#e9c46a'/>" % (edge, line, colour, board, line),
                _text(edge - 14 if side == 0 else edge + 14, line + 4, pin, 12, anchor="end" if side == 0 else "start"),
                _text(board + (12 if side == 0 else -12), line + 4, at, 12, "#f0f6f2", "start" if side == 0 else "end", "600")]
    return "".join(out), y + height + _GAP


def drawing(board):
    """The wiring as SVG: the board in the middle, each part beside the pins that it is joined to."""
    found, _ = wires(board)
    below, body = [_TOP, _TOP], []
    for part in found:
        svg, below[part[3]] = _card(below[part[3]], *part)
        body.append(svg)
    bottom, name = max(below), BOARDS[board][0]
    left, kinds = (_WIDTH - _BOARD) // 2, [kind for kind in _COLOURS if any(part[2] == kind for part in found)]
    key = "".join("<circle cx='%d' cy='%d' r='5' fill='%s'/>" % (40 + 90 * n, bottom + 22, _COLOURS[kind]) +
                  _text(52 + 90 * n, bottom + 26, _NAMES[kind], 12) for n, kind in enumerate(kinds))
    return ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img' aria-label='%s' %s>"
            "<rect width='100%%' height='100%%' rx='12' fill='#f6f8fa'/>%s"
            "<rect x='%d' y='%d' width='%d' height='%d' rx='14' fill='#17493b' stroke='#0d2f26' stroke-width='2'/>%s%s%s%s</svg>\n") % (
        _WIDTH, bottom + 44, escape("Wiring of the " + name), _FONT, _text(20, 38, "Microtill on the " + name, 20, weight="700"),
        left, _TOP - 12, _BOARD, bottom - _TOP + 12, "".join(body), _text(_WIDTH // 2, _TOP + 12, name, 13, "#a8d5c2", "middle", "600"), key,
        _text(_WIDTH - 20, bottom + 26, "grounds are joined; drawn from %s/pins.py" % BOARDS[board][1], 11, "#57606a", "end"))


def with_tables(text):
    """docs/boards.md with every table between its marks made anew."""
    for board in BOARDS:
        before, _, rest = text.partition(BEGIN % board)
        _, mark, after = rest.partition(END)
        if not mark:
            raise KeyError(BEGIN % board)
        text = "%s%s\n%s%s%s" % (before, BEGIN % board, table(board), END, after)
    return text


if __name__ == "__main__":
    for each in BOARDS:
        (ROOT / "docs" / "pictures" / ("wiring-%s.svg" % each)).write_text(drawing(each))
    page = ROOT / "docs" / "boards.md"
    page.write_text(with_tables(page.read_text()))
