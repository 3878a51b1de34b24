# acts.py: what a test on the target may ask of the bench by `ask(words)`: fingers, cards, weather, a look at paper and display. Fails with BadAsk.
from microtill.bench import ocr

_HOLD_US, _FINGER_US = 90_000, 20_000


class BadAsk(Exception):
    """The bench does not know how to do that."""
    code = "U23"


class EchoCard:
    """An ISO 14443-4 card that answers each command with its bytes in reverse order and 90 00, after 5 ms."""
    uid, atqa, sak, ats = b"\x5a\x01\x02\x03", b"\x00\x04", 0x20, bytes.fromhex("0B7880A102312054455354")

    def power_on(self):
        """It keeps nothing."""

    def apdu(self, command):
        return bytes(command)[::-1] + b"\x90\x00", 5_000


def do(parts, words):
    """Carry out what a test asks; what it is told, as text. Raises BadAsk."""
    verb, _, rest = words.partition(" ")
    act = _ACTS.get(verb)
    if act is None:
        raise BadAsk(words)
    try:
        return act(parts, rest) or ""
    except (ValueError, KeyError, AttributeError):
        raise BadAsk(words) from None


def _card(parts, what):
    """card: into the field; card leaves: out of it again."""
    for card in list(parts.reader.cards):
        parts.reader.remove(card)
    if what != "leaves":
        parts.reader.present(EchoCard())


def _press(parts, keys):
    """press 12#: one after the other, at a calm pace, from now on."""
    for n, key in enumerate(keys):
        parts.world.after(_FINGER_US + 2 * n * _HOLD_US, parts.keypad.press, parts.board.KEYPAD_LEGEND.index(key), _HOLD_US)


def _printer(parts, act):
    """printer paper_out, reload, open_cover, close_cover, near_end; printer reads: the text of all it printed."""
    if act == "reads":
        return "\n".join([receipt.text for receipt in parts.printer.receipts] + [parts.printer.sheet.text])
    if act not in ("paper_out", "reload", "open_cover", "close_cover", "near_end"):
        raise BadAsk(act)
    getattr(parts.printer, act)()


def _screen(parts, act):
    """screen reads: what a person reads on it; screen dots: how many are lit."""
    pixels = parts.screen.pixels()
    return str(sum(map(bool, pixels))) if act == "dots" else ocr.text(bytes(pixels))


def _senses(parts, words):
    """senses case_c 61.5, battery_percent 4, lux 3, hole_lux 200, cell_mv 2600, mains 0: what is around the terminal."""
    name, value = words.split(" ")
    if name not in ("case_c", "battery_percent", "lux", "hole_lux", "cell_mv", "mains"):
        raise BadAsk(words)
    setattr(parts.around, name, bool(int(value)) if name == "mains" else float(value))


def _break(parts, words):
    """break thermometer dead: of gauge, thermometer, light, rtc; dead, stuck, mad; mend: well again."""
    name, fault = words.split(" ")
    if name not in ("gauge", "thermometer", "light", "rtc") or fault not in ("dead", "stuck", "mad", "mend"):
        raise BadAsk(words)
    getattr(parts.senses, name).fault = None if fault == "mend" else fault


def _unix(parts, words):
    """unix: the bench's clock, Unix seconds."""
    return str(parts.unix_time())


_ACTS = {"card": _card, "press": _press, "printer": _printer, "screen": _screen, "senses": _senses, "break": _break, "unix": _unix}
