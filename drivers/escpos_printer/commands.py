# commands.py: ESC/POS commands as bytes, and what a status byte says. Pure; ValueError for an argument that the printer would misread.

INITIALISE = b"\x1b\x40"                  # ESC @: settings as at power on
LF = b"\x0a"
SIZE_NORMAL = b"\x1b\x21\x00"           # ESC ! 0: neither double nor bold nor underlined
WESTERN = b"\x1b\x74\x10"                 # ESC t 16: page 1252
CHINESE, CHINESE_END = b"\x1c\x26", b"\x1c\x2e"     # FS &, FS .: GB 18030, two or four bytes a character of 24x24 dots
BOLD_OFF, BOLD_ON = b"\x1b\x45\x00", b"\x1b\x45\x01"
LEFT, CENTRE, RIGHT = b"\x1b\x61\x00", b"\x1b\x61\x01", b"\x1b\x61\x02"
CUT_FULL, CUT_PART = b"\x1d\x56\x00", b"\x1d\x56\x01"       # GS V

# Status queries, DLE EOT n (Epson's table): what one byte answers
PRINTER, OFFLINE, ERRORS, PAPER = 1, 2, 3, 4
_FIXED, _FIXED_MASK = 0x12, 0x93          # bits 1 and 4 are one, 0 and 7 are zero, in every answer

# (query, bits that must all be one, word); what none of them says is the query's last word
_MEANINGS = (
    (PRINTER, 0x08, "offline"),
    (OFFLINE, 0x20, "paper end stop"),
    (OFFLINE, 0x40, "error"),
    (OFFLINE, 0x04, "cover open"),
    (OFFLINE, 0x08, "feed button"),
    (ERRORS, 0x08, "cutter"),
    (ERRORS, 0x20, "broken"),
    (ERRORS, 0x40, "hot"),
    (PAPER, 0x60, "no paper"),
    (PAPER, 0x0C, "paper low"),
)
_FINE = {PRINTER: "online", OFFLINE: "ready", ERRORS: "no error", PAPER: "paper"}


def feed(lines):
    """ESC d n: prints what is in the line and feeds 0 to 255 lines."""
    _byte(lines)
    return bytes((0x1B, 0x64, lines))


def size(wide=False, high=False):
    """GS ! n: doubled width and height, or neither, of Latin and Chinese alike; ESC ! would end bold."""
    return bytes((0x1D, 0x21, (0x10 if wide else 0) | (0x01 if high else 0)))


def spacing(dots=0):
    """ESC 3 n: from one line to the next, 1 to 255 dots; 0: ESC 2, as at power on."""
    return bytes((0x1B, 0x33, _byte(dots))) if dots else b"\x1b\x32"


def text(parts):
    """One line of text from (chinese, bytes) parts: page 1252, or GB 18030; each part names its own character set, and ends it."""
    out = b""
    for chinese, data in parts:
        if chinese:
            out += CHINESE + data + CHINESE_END
        else:
            out += data if all(byte < 0x80 for byte in data) else WESTERN + data
    return out + LF


def align(where):
    """ESC a n: 0 left, 1 centre, 2 right."""
    if where not in (0, 1, 2):
        raise ValueError("align")
    return bytes((0x1B, 0x61, where))


def cut(lines_first=6, part=False):
    """Feeds so that the last line is past the knife, then cuts."""
    return feed(lines_first) + (CUT_PART if part else CUT_FULL)


def drawer(pin=2, on_ms=100, off_ms=100):
    """ESC p m t1 t2: a pulse on pin 2 or 5 of the drawer's socket, in steps of 2 ms."""
    if pin not in (2, 5):
        raise ValueError("pin")
    return bytes((0x1B, 0x70, 0 if pin == 2 else 1, _byte(on_ms // 2), _byte(off_ms // 2)))


def buzzer(times, each_ms):
    """ESC B n t: 1 to 9 beeps, in steps of 50 ms, 1 to 9 of them."""
    if not 1 <= times <= 9 or not 1 <= each_ms // 50 <= 9:
        raise ValueError("buzzer")
    return bytes((0x1B, 0x42, times, each_ms // 50))


def qr(data, module=4, correction="L"):
    """GS ( k: a QR code (model 2) of `data` (bytes), `module` dots a module, correction L, M, Q or H. ValueError past 7,089 bytes."""
    level = "LMQH".find(correction)
    if level < 0 or len(correction) != 1 or not 1 <= module <= 16 or not 0 < len(data) <= 7089:
        raise ValueError("qr")
    store = len(data) + 3
    head = b"\x1d\x28\x6b"
    return (head + b"\x04\x00\x31\x41\x32\x00" + head + b"\x03\x00\x31\x43" + bytes((module,))
            + head + b"\x03\x00\x31\x45" + bytes((0x30 + level,))
            + head + bytes((store & 0xFF, store >> 8)) + b"\x31\x50\x30" + data + head + b"\x03\x00\x31\x51\x30")


def raster(rows, width):
    """GS v 0: a picture of one bit a dot, `rows` is its bytes, each row padded to a whole byte, `width` in dots."""
    across = (width + 7) // 8
    if not across or not rows or len(rows) % across or len(rows) // across > 0xFFFF or across > 0xFFFF:
        raise ValueError("raster")
    down = len(rows) // across
    return b"\x1d\x76\x30\x00" + bytes((across & 0xFF, across >> 8, down & 0xFF, down >> 8)) + rows


def ean13(digits, height=100, module=3):
    """GS k 2: an EAN-13 of 12 or 13 ASCII digits, centred, its number below. ValueError for a check digit that is wrong."""
    if len(digits) not in (12, 13) or not bytes(digits).isdigit():
        raise ValueError("ean13")
    check = -sum((digits[i] - 48) * (3 if i & 1 else 1) for i in range(12)) % 10
    if len(digits) == 13 and digits[12] - 48 != check:
        raise ValueError("ean13")
    return (CENTRE + bytes((0x1D, 0x68, _byte(height), 0x1D, 0x77, _byte(module))) + b"\x1d\x66\x00\x1d\x48\x02\x1d\x6b\x02"
            + bytes(digits[:12]) + bytes((48 + check, 0)))


def query(which):
    """DLE EOT n: asks for one status byte, answered at once even where the printer is busy."""
    if which not in _FINE:
        raise ValueError("query")
    return bytes((0x10, 0x04, which))


def status(which, answer):
    """What the status byte `answer` (an int) to query(which) says, as a tuple of short words, or () where it is no status byte.

    PRINTER: "online" or "offline". OFFLINE: "ready" or causes. ERRORS: "no error", "hot" (mends itself), "cutter", "broken".
    PAPER: "paper", "paper low", "no paper". More than one word may hold.
    """
    if which not in _FINE or answer & _FIXED_MASK != _FIXED:
        return ()
    words = tuple(word for asked, bits, word in _MEANINGS if asked == which and answer & bits == bits)
    return words or (_FINE[which],)


def _byte(value):
    if not 0 <= value <= 0xFF:
        raise ValueError("byte")
    return value
