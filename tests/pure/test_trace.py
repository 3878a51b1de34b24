# test_trace.py: the traffic decoded in its order, and a capture whose frames hold the very messages, MAC and checksums included.
import json
import struct

import pytest

from microtill import demo
from microtill.bench.acquirer import messages
from microtill.bench.bench import Bench
from microtill.bench.customer import Customer
from microtill.show import Output
from microtill.terminal import provision_demo
from microtill.verbs import trace as verb

QUIET = Output(quiet=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """(state folder after a payment by PIN, [(direction, bytes)] as the bank had them)."""
    state, wire = tmp_path_factory.mktemp("traced"), []
    provision_demo(state)
    bench = Bench(state)
    bench.bank.wire.append(lambda direction, raw: wire.append((direction, bytes(raw))))
    person = Customer(bench, 60_00, bench.wallet.card("mc-pin"), "2468")
    bench.start()
    bench.run(lambda: "Key an amount" in bench.screen_text())
    person.begin()
    bench.run(lambda: person.finished)
    bench.close()
    return state, wire


def frames(path):
    """[(microseconds since 1970, frame)] of a classic pcap file with Ethernet frames."""
    data = path.read_bytes()
    assert struct.unpack("<IHHiIII", data[:24]) == (0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    out, at = [], 24
    while at < len(data):
        seconds, micros, size, whole = struct.unpack("<IIII", data[at:at + 16])
        assert size == whole
        out.append((seconds * 1_000_000 + micros, data[at + 16:at + 16 + size]))
        at += 16 + size
    return out


def segments(path):
    """[(outward, sequence, acknowledged, flags, payload)], checksums checked."""
    out = []
    for _at, frame in frames(path):
        ip = frame[14:]
        assert frame[12:14] == b"\x08\x00" and verb.checksum(ip[:20]) == 0 and struct.unpack(">H", ip[2:4])[0] == len(ip)
        assert verb.checksum(ip[12:20] + bytes((0, 6)) + struct.pack(">H", len(ip) - 20) + ip[20:]) == 0
        source, target, sequence, acknowledged, offset, flags = struct.unpack(">HHIIBB", ip[20:34])
        assert verb.PORT in (source, target) and offset == 0x50
        out.append((target == verb.PORT, sequence, acknowledged, flags, ip[40:]))
    return out


def test_card_and_host_in_their_order(shop):
    status, rows = verb.trace(QUIET, shop[0], None, 0)
    assert status == 0
    commands = ["SELECT", "SELECT", "GET PROCESSING OPTIONS", *["READ RECORD"] * 3, "GENERATE AC"]
    assert [row["name"] for row in rows if row["kind"] == "apdu"] == commands
    assert [row["mti"] for row in rows if row["kind"] == "host"] == ["0800", "0810", "0200", "0210"]
    assert [row["t_us"] for row in rows] == sorted(row["t_us"] for row in rows)
    assert all(row["tags"] for row in rows if row["kind"] == "apdu")
    assert {"DF01", "DF03", "9F26"} <= {tag["tag"] for row in rows if row["kind"] == "host" and row["mti"] == "0200" for tag in row["tags"]}


@pytest.mark.parametrize("last", [1, 3, 500])
def test_the_newest_only(shop, last):
    _status, rows = verb.trace(QUIET, shop[0], None, 0)
    assert verb.trace(QUIET, shop[0], None, last)[1] == rows[-last:]


def test_the_capture_holds_the_very_messages(shop, tmp_path):
    state, wire = shop
    verb.trace(QUIET, state, tmp_path / "host.pcap", 0)
    said = [(outward, data) for outward, _sequence, _acknowledged, _flags, data in segments(tmp_path / "host.pcap") if data]
    assert [(outward, data[2:]) for outward, data in said] == [(direction == "request", raw) for direction, raw in wire]
    assert all(struct.unpack(">H", data[:2])[0] == len(data) - 2 for _outward, data in said)
    assert [messages.decode(data[2:]).mti for _outward, data in said] == ["0800", "0810", "0200", "0210"]


def test_the_capture_is_one_whole_connection(shop, tmp_path):
    verb.trace(QUIET, shop[0], tmp_path / "host.pcap", 0)
    found = segments(tmp_path / "host.pcap")
    assert [flags for _outward, _sequence, _acknowledged, flags, _data in found[:3]] == [0x02, 0x12, 0x10]
    expected = {}
    for outward, sequence, acknowledged, flags, data in found:
        assert sequence == expected.get(outward, sequence)
        assert not flags & 0x10 or acknowledged == expected[not outward]
        expected[outward] = sequence + len(data) + bool(flags & 0x02)
    times = [at for at, _frame in frames(tmp_path / "host.pcap")]
    assert times == sorted(times)


def test_last_cuts_the_capture_too(shop, tmp_path):
    verb.trace(QUIET, shop[0], tmp_path / "host.pcap", 1)       # the newest row is the bank's answer
    said = [data for *_head, data in segments(tmp_path / "host.pcap") if data]
    assert [data[2:] for data in said] == [shop[1][-1][1]]


def test_no_account_number_in_rows_lines_or_capture(shop, tmp_path, capsys):
    _status, rows = verb.trace(Output(), shop[0], tmp_path / "host.pcap", 0)
    text = capsys.readouterr().out + json.dumps(rows) + (tmp_path / "host.pcap").read_bytes().decode("latin-1")
    text += (tmp_path / "host.pcap").read_bytes().hex()
    assert not [person.name for person in demo.CARDS if person.pan in text]


def test_what_the_bank_could_not_read_is_a_row_but_not_in_the_capture(tmp_path):
    row = {"t_us": 5, "at": "2026-01-05T09:00:00.000+00:00", "life": 1, "kind": "message", "trigger": "1.2",
           "direction": "request", "bad": "coding", "size": 9}
    (tmp_path / "story.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({"kind": "message"}) + "\n")
    _status, rows = verb.trace(Output(), tmp_path, tmp_path / "host.pcap", 0)
    assert [one["name"] for one in rows] == ["not a message"] * 2 and rows[0]["bad"] == "coding"
    assert frames(tmp_path / "host.pcap") == []


def test_nothing_said_is_an_empty_trace(tmp_path):
    assert verb.trace(QUIET, tmp_path, None, 0) == (0, [])
