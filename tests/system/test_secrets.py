# test_secrets.py: a search that knows every secret of the demonstration finds none in anything that runs leave or print; a planted one is found.
import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from microtill import demo
from microtill.bench.acquirer import dukpt
from microtill.verbs.pay import pay

LONG_PIN = "739184620517"       # a wrong one, long enough to be told from chance
COMMAND = str(Path(sys.executable).parent / "microtill")


def key_bytes():
    """Every key of a terminal's first hundred requests, and those behind them."""
    ikid, first = demo.initial_key(demo.SERIAL)
    keys = {"BDK": demo.BDK, "initial key": first, "device key": demo.DEVICE_KEY[:16], "account hash key": demo.ACCOUNT_HASH_KEY,
            "PIN hash key": demo.PIN_HASH_KEY, **{"issuer " + name: key for name, key in demo.ISSUER_KEYS.items()}}
    for counter in range(1, 101):
        ksn = ikid + counter.to_bytes(4, "big")
        for usage in (0x1000, 0x2000, 0x2001, 0x3000):
            keys["%d/%04x" % (counter, usage)] = dukpt.working_key(first, ksn, usage)
    return keys


def needles():
    """{name: [byte strings]}: each secret in the shapes in which it might lie about."""
    found = {}
    for person in demo.CARDS:
        packed = bytes.fromhex(person.pan if len(person.pan) % 2 == 0 else person.pan + "F")
        found["PAN of " + person.name] = [person.pan.encode(), packed, " ".join(person.pan).encode()]
        field = "4%x%s" % (len(person.pin), person.pin)
        found["clear PIN block of " + person.name] = [bytes.fromhex(field + "A" * (16 - len(field))), (field + "A" * 8).encode()]
    found["the PIN that was entered"] = [LONG_PIN.encode(), bytes.fromhex(LONG_PIN), bytes(int(digit) for digit in LONG_PIN)]
    for name, key in key_bytes().items():
        found["key " + name] = [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key).rstrip(b"=")]
    return found


def search(blobs):
    """[(secret, where)] of every secret in {where: bytes}."""
    wanted = needles()
    return [(name, where) for where, data in blobs.items() for name, shapes in wanted.items() if any(shape in data for shape in shapes)]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def says(*words):
    done = subprocess.run([COMMAND, *words], capture_output=True)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory):
    """A folder after good and bad payments, and all that the command prints about it."""
    state = tmp_path_factory.mktemp("state")
    printed = {}
    for n, (card, amount, pin) in enumerate((("visa-pin", "12.50", "1234"), ("visa-pin", "3.00", LONG_PIN), ("mc-pin", "60.00", "2468"),
                                             ("clone", "5.00", None), ("stolen", "6.00", None), ("pulled", "7.00", None))):
        printed["pay %s" % card] = json.dumps(pay(state, amount, card=card, pin=pin, seed=n + 1, receipt=state / ("paper%d.png" % n))).encode()
    printed["told"] = says("-v", "pay", "8.00", "--card", "visa-pin", "--pin", LONG_PIN, "--state", str(state))
    for verb in (("journal",), ("ledger",), ("reconcile",), ("explain", "last"), ("trace", "--pcap", str(state / "trace.pcap"))):
        printed[" ".join(verb[:2])] = says("--json", *verb, "--state", str(state))
        printed[verb[0] + " for people"] = says(*verb, "--state", str(state))
    assert all(len(text) > 2 for text in printed.values())
    return {**files(state), **printed}


def test_no_secret_is_left_in_any_file_or_print(left_behind):
    assert {"flash.bin", "story.jsonl", "bank.sqlite", "cards.json", "trace.pcap"} <= set(left_behind)
    assert search(left_behind) == []


@pytest.mark.parametrize("name", ["PAN of visa-pin", "the PIN that was entered", "key BDK", "key 3/1000", "key device key"])
def test_a_planted_secret_is_found(name, left_behind):
    for shape in needles()[name]:
        planted = {**left_behind, "flash.bin": left_behind["flash.bin"][:5000] + shape + left_behind["flash.bin"][5000:]}
        assert search(planted) == [(name, "flash.bin")]


def test_an_exception_of_the_firmware_holds_no_data(left_behind):
    rows = [json.loads(line) for line in left_behind["story.jsonl"].decode().splitlines()]
    assert [row for row in rows if row["kind"] == "died"] == []
