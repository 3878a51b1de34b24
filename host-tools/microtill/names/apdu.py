# apdu.py: card commands and answers in words. A Dialogue remembers what the card asked for, to name data without tags. Never raises.
from microtill.names import safe, tags, unfold

_SELECT, _READ, _GPO, _AC, _GET_DATA = "00A4", "00B2", "80A8", "80AE", "80CA"
COMMANDS = {
    _SELECT: ("SELECT", "EMV Book 1 11.3 SELECT"),
    _READ: ("READ RECORD", "EMV Book 3 6.5.11 READ RECORD"),
    _GPO: ("GET PROCESSING OPTIONS", "EMV Book 3 6.5.8 GET PROCESSING OPTIONS"),
    _AC: ("GENERATE AC", "EMV Book 3 6.5.5 GENERATE AC"),
    _GET_DATA: ("GET DATA", "EMV Book 3 6.5.7 GET DATA"),
}
PPSE = "325041592E5359532E4444463031"
_ASKED = {0x00: "AAC (decline)", 0x40: "TC (approve offline)", 0x80: "ARQC (ask the bank)"}
_KERNELS = {"A000000003": "C-3", "A000000004": "C-2"}

STATUS = {
    "9000": "done", "6283": "selected file deactivated: the application is blocked", "6300": "authentication failed",
    "6400": "not carried out, nothing changed", "6700": "wrong length", "6982": "security status not satisfied", "6983": "PIN blocked",
    "6984": "referenced data not usable", "6985": "conditions of use not satisfied",
    "6986": "command not allowed: look at the device, then tap again",
    "6A80": "wrong data", "6A81": "function not supported", "6A82": "file or application not found", "6A83": "record not found",
    "6A86": "wrong P1 or P2", "6A88": "referenced data not found", "6D00": "instruction not supported", "6E00": "class not supported",
}
STATUS_CLAUSE = "ISO 7816-4 5.6"


def status(word):
    """A status word (four hex digits) in words."""
    if word[:2] == "61":
        return "done, %d bytes wait" % int(word[2:], 16)
    if word[:2] == "6C":
        return "wrong Le, %d bytes are there" % int(word[2:], 16)
    if word[:3] == "63C":
        return "check failed, %d tries left" % int(word[3], 16)
    return STATUS.get(word, "unknown")


class Dialogue:
    """Rows of one terminal in their order. `kernel`: "C-2", "C-3" or "" while no application is selected."""

    def __init__(self):
        self.kernel, self._pdol, self._cdol = "", "", ""

    def tell(self, row):
        """{name, clause, about, command, response, asked, tags, sw, sw_meaning, took_us} of one story row of kind "apdu"."""
        command, response = str(row.get("command") or "").upper(), row.get("response")
        name, clause = COMMANDS.get(command[:4], ("unknown command" if command else "no command recorded", "ISO 7816-4 5.1"))
        data = _data(command)
        about, asked = self._ask(command, data)
        shown = _shown(command, data, asked)
        if command[:4] == _SELECT and data == PPSE:
            clause = "EMV Contactless Book B 3.3.2"
        elif command[:4] == _GPO and self.kernel == "C-3":
            clause = "EMV Contactless Book C-3 5.2.2; " + clause
        out = {"name": name, "clause": clause, "about": about, "command": shown, "asked": asked, "took_us": row.get("took_us", 0)}
        if not isinstance(response, str) or len(response) < 4:
            return {**out, "response": None, "tags": [], "sw": "", "sw_meaning": "no answer: the card has left the field"}
        body, word = response[:-4], response[-4:].upper()
        found = unfold.rows(body, self.kernel)
        if name in ("GET PROCESSING OPTIONS", "GENERATE AC"):
            found = self._format_1(name, found)
        self._learn(found)
        return {**out, "response": safe.text(_joined(body, found) + word), "tags": found, "sw": word, "sw_meaning": status(word)}

    def _ask(self, command, data):
        """(what the command is about, rows of its data); an application that is selected chooses the kernel."""
        start = command[:4]
        if start == _SELECT:
            if data == PPSE:
                self.kernel, self._pdol, self._cdol = "", "", ""
                return "directory of contactless applications (2PAY.SYS.DDF01)", [unfold.row("84", data)]
            self.kernel, self._pdol, self._cdol = _KERNELS.get(data[:10], ""), "", ""
            return "application %s" % data, [unfold.row("84", data)]
        if start == _READ and len(command) >= 8:
            return "file %d, record %d" % (int(command[6:8], 16) >> 3, int(command[4:6], 16)), []
        if start == _GPO:
            inner = data[4:] if data[:2] == "83" and data[2:4] != "81" else data[6:]
            return "what the PDOL asked for" if inner else "the card asked for nothing", self._laid(self._pdol, inner)
        if start == _AC and len(command) >= 6:
            return "asks for %s" % _ASKED.get(int(command[4:6], 16) & 0xC0, "a reserved kind"), self._laid(self._cdol, data)
        if start == _GET_DATA:
            return "%s, %s" % (command[4:8], tags.name(command[4:8])), []
        return "", []

    def _laid(self, layout, data):
        found = unfold.laid_out(unfold.dol(layout), data, self.kernel) if layout else None
        if found is None and data:
            return [{"tag": "", "name": "data of an unknown layout", "clause": "", "value": safe.unknown_hex(data), "depth": 0}]
        return found or []

    def _format_1(self, name, found):
        """The fixed order of template 80 (EMV Book 3 6.5.5.4 and 6.5.8.4) as rows."""
        if not found or found[0]["tag"] != "80":
            return found
        value = found[0]["value"]
        layout = (("82", 2), ("94", len(value) // 2 - 2)) if name == "GET PROCESSING OPTIONS" else (
            ("9F27", 1), ("9F36", 2), ("9F26", 8), ("9F10", len(value) // 2 - 11))
        inner = unfold.laid_out([one for one in layout if one[1] > 0], value, self.kernel)
        return found[:1] + [{**one, "depth": 1} for one in inner] if inner else found

    def _learn(self, found):
        self._pdol = unfold.first(found, "9F38") or self._pdol
        self._cdol = unfold.first(found, "8C") or self._cdol


def _data(command):
    """Data field of a short command in hex, "" where it has none."""
    if len(command) <= 10:
        return ""
    try:
        size = int(command[8:10], 16)
    except ValueError:
        return ""
    return command[10:10 + 2 * size]


def _shown(command, data, asked):
    """The command in hex as it may be shown: account data among what a list asked for is starred."""
    if command[:4] == _SELECT or not data and command[:4] in COMMANDS:
        return command
    if not data:
        return safe.unknown_hex(command)
    inner = "".join(one["value"] for one in asked)
    at = command.find(data, 10)
    if inner and len(inner) <= len(data):
        return command[:at] + data[:len(data) - len(inner)] + inner + command[at + len(data):]
    return command if command[:4] in (_READ, _GPO, _AC, _GET_DATA) and not asked else safe.unknown_hex(command)


def _joined(body, found):
    """The answer's body with the stars that its rows have: where a row was masked here, the text is too."""
    for one in found:
        if "*" in one["value"] and one["value"] not in body:
            size = len(one["value"])
            for at in range(0, len(body) - size + 1, 2):
                if _same(body[at:at + size], one["value"]):
                    body = body[:at] + one["value"] + body[at + size:]
                    break
    return body


def _same(plain, starred):
    return all(ours in ("*", theirs) for theirs, ours in zip(plain, starred, strict=True))
