# trace.py: what card and host said, decoded and masked, newest last; and the host's half as a capture file that Wireshark opens.
# A message that was recorded as unreadable is a row but cannot be in the capture, since only its size was kept.
import datetime
import struct

import iso8583

from microtill.bench import story
from microtill.bench.acquirer import messages
from microtill.names import apdu, host, safe

PORT, _TERMINAL_PORT = 8583, 49152
_TERMINAL, _BANK = bytes((192, 0, 2, 2)), bytes((192, 0, 2, 1))          # RFC 5737: addresses for examples
_TERMINAL_MAC, _BANK_MAC = bytes.fromhex("020000000002"), bytes.fromhex("020000000001")
_MAGIC, _ETHERNET, _SNAP = 0xA1B2C3D4, 1, 65535                          # pcap, microseconds
_TCP, _SYN, _ACK, _PUSH = 6, 0x02, 0x10, 0x08


def trace(out, state, pcap, last):
    """(0, rows). `pcap`: a path for the capture, or None; `last`: so many of the newest rows, 0 for all."""
    recorded = [safe.row(row) for row in story.read(state / "story.jsonl") if row.get("kind") in ("apdu", "message", "tap", "power")]
    rows = decoded(recorded)
    rows = rows[-last:] if last > 0 else rows
    for row in rows:
        out.say(_line(row))
    if pcap:
        wanted = [row for row in recorded if row["kind"] == "message"]
        host_rows = sum(row["kind"] == "host" for row in rows)
        wanted = wanted[len(wanted) - host_rows:]
        bursts = [(row, raw) for row, raw in ((row, rebuilt(row)) for row in wanted) if raw is not None]
        pcap.write_bytes(capture(bursts))
        lost = len(wanted) - len(bursts)
        out.say("%d host messages in %s%s" % (len(bursts), pcap, ", %d could not be rebuilt" % lost if lost else ""))
    return 0, rows


def decoded(recorded):
    """Rows {at, t_us, trigger, life, kind, direction, name, ..., tags} of card commands and host messages."""
    rows, dialogue = [], apdu.Dialogue()
    for row in recorded:
        if row["kind"] == "power" or row["kind"] == "tap" and row.get("outcome") == "start":
            dialogue = apdu.Dialogue()
        elif row["kind"] == "apdu":
            rows.append({**_when(row, "apdu"), "direction": "card", **dialogue.tell(row)})
        elif row["kind"] == "message":
            rows.append({**_when(row, "host"), **_message(row, dialogue.kernel)})
    return rows


def _when(row, kind):
    return {"at": row.get("at", ""), "t_us": row.get("t_us", 0), "life": row.get("life"), "trigger": row.get("trigger", ""), "kind": kind}


def _message(row, kernel):
    direction, mti = row.get("direction", ""), str(row.get("mti", ""))
    if not mti:
        return {"direction": direction, "name": "not a message", "clause": host.STANDARD, "mti": "", "fields": [], "tags": [],
                "bad": row.get("bad", ""), "size": row.get("size", 0)}
    fields = host.fields(row.get("fields") or {}, kernel)
    return {"direction": direction, "name": host.message(mti), "clause": host.clause(mti), "mti": mti, "fields": fields,
            "tags": [{"field": one["field"], **tag} for one in fields for tag in one.get("tags", [])]}


def _line(row):
    at = "%s %-6s" % (row["at"][11:23], row["trigger"])
    if row["kind"] == "apdu":
        return "%s card  %s  %s\n%s      > %s\n%s      < %s" % (
            at, row["name"], row["about"], " " * 19, row["command"], " " * 19, row["response"] or row["sw_meaning"])
    told = "  ".join("%s=%s" % (one["field"], one["value"]) for one in row["fields"])
    way = {"request": ">", "response": "<"}.get(row["direction"], "?")
    return "%s host  %s %s %s\n%s      %s" % (at, way, row["mti"], row["name"], " " * 19, told)


def rebuilt(row):
    """The bytes of a recorded message as they were on the wire, MAC as recorded, or None where the row does not hold enough."""
    plain = {"t": str(row.get("mti", "")), **{str(number): str(value) for number, value in (row.get("fields") or {}).items()}}
    try:
        raw, _ = iso8583.encode(plain, messages.SPEC)
    except (iso8583.EncodeError, ValueError):
        return None
    return bytes(raw)


# the capture

def capture(bursts):
    """A classic pcap file: one TCP connection from the terminal to the bank's port, each message behind its 2-byte length.
    `bursts`: (row, message bytes); times are the rows' own."""
    out = [struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAP, _ETHERNET)]
    if not bursts:
        return out[0]
    began, sent = _time(bursts[0][0]), {True: 1000, False: 2000}         # sequence numbers: of the terminal, of the bank
    for number, (outward, flags) in enumerate(((True, _SYN), (False, _SYN | _ACK), (True, _ACK))):
        out.append(_packet(began, _frame(outward, sent[outward], sent[not outward] if flags & _ACK else 0, flags, b"", number)))
        sent[outward] += bool(flags & _SYN)
    for number, (row, raw) in enumerate(bursts):
        outward = row.get("direction") != "response"
        data = struct.pack(">H", len(raw)) + raw
        out.append(_packet(_time(row), _frame(outward, sent[outward], sent[not outward], _PUSH | _ACK, data, 3 + number)))
        sent[outward] += len(data)
    return b"".join(out)


def _time(row):
    """(seconds, microseconds) since 1970."""
    try:
        at = datetime.datetime.fromisoformat(row["at"])
    except (KeyError, TypeError, ValueError):
        return divmod(row.get("t_us", 0), 1_000_000)
    return int(at.timestamp()), at.microsecond + row.get("t_us", 0) % 1000        # "at" stops at the millisecond


def _packet(time, frame):
    return struct.pack("<IIII", *time, len(frame), len(frame)) + frame


def _frame(outward, sequence, acknowledged, flags, data, number):
    """One Ethernet frame with IPv4 and TCP, checksums right (RFC 791, RFC 9293)."""
    ends = (_TERMINAL, _BANK) if outward else (_BANK, _TERMINAL)
    ports = (_TERMINAL_PORT, PORT) if outward else (PORT, _TERMINAL_PORT)
    hardware = _BANK_MAC + _TERMINAL_MAC if outward else _TERMINAL_MAC + _BANK_MAC
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 65535, 0, 0)
    pseudo = ends[0] + ends[1] + struct.pack(">BBH", 0, _TCP, len(tcp) + len(data))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp + data)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) + len(data), number + 1, 0x4000, 64, _TCP, 0) + ends[0] + ends[1]
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return hardware + b"\x08\x00" + ip + tcp + data


def checksum(data):
    """The Internet checksum (RFC 1071); 0 over data that hold their own."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
