# test_provisioning.py: a blank terminal, a key store, and everything that may go wrong between them: blank or whole, never a half; then it pays.
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from microtill import demo, keys, provisioning, terminal
from microtill.bench.bench import Bench
from microtill.bench.chips.nor import PowerCut
from microtill.keys import ceremony, opened, record
from microtill.provisioning import Station
from microtill.show import Output
from microtill.terminal import Refused, Service
from microtill.verbs import provision as verb
from microtill.verbs.pay import pay

QUIET = Output(as_json=True)
SERIAL = "MT-0042"
PARTS = (bytes(range(1, 17)).hex(), bytes(range(0x91, 0xA1)).hex())
BDK = bytes(a ^ b for a, b in zip(*(bytes.fromhex(part) for part in PARTS), strict=True))
OPENER = Path(__file__).parent / "pin_opener.py"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """(folder, store): a demonstration file whose base derivation key came out of a ceremony, so that a test can know it."""
    state = tmp_path_factory.mktemp("station")
    os.environ[opened.PIN] = "135790"
    made = opened.init(state, "file")
    typed = iter(("Ann", PARTS[0], "Bob", PARTS[1]))
    ceremony.hold(made, state, "bdk", 2, lambda what, hidden: next(typed), lambda text: None)
    yield state, made
    os.environ.pop(opened.PIN)


@pytest.fixture
def blank():
    with Service(None) as service:
        yield service


def _keyed(service):
    return service.ask("identity")[0]["keyed"]


def _refused(work, *arguments, **more):
    with pytest.raises(Refused) as refused:
        work(*arguments, **more)
    return refused.value.args[0]


def test_a_terminal_is_blank_then_known_and_then_refuses_another_round(store, blank):
    steps = []
    assert not _keyed(blank)
    done = provisioning.through(store[1], SERIAL, blank.ask, steps.append)
    row = blank.ask("identity")[0]
    assert row["keyed"] and row["serial"] == SERIAL and row["label"] == "test keys"
    assert done["label"] == "test keys" and done["bdk"] == "bdk/2" and len(done["firmware"]) >= 8 and done["random"] == "for tests only"
    assert steps == ["hello", "prove", "load ca", "load signing", "load label", "load transport", "load initial", "lock"]
    assert _refused(provisioning.through, store[1], SERIAL, blank.ask) == "S01"
    assert _refused(blank.ask, "install", slot=2, hex="00" * 16) == "S01"
    assert row == blank.ask("identity")[0]


def _ready(store, service, serial=SERIAL):
    """A station whose terminal has said hello and proved itself."""
    station = Station(store[1], serial, service.ask)
    station.hello()
    station.prove()
    return station


def test_every_wrong_turn_is_refused_and_the_terminal_is_ready_for_the_right_one(store, blank):
    from microtill.keys import terminals
    image = bytes(blank.bench.flash.data)
    transport = terminals.transport_key(store[1], SERIAL, keys.newest(store[1], "kbpk"))
    assert _refused(blank.ask, "provision", step="load", part="ca", value="00") == "S10"
    assert _refused(blank.ask, "provision", step="prove", mac="00" * 16) == "S10"
    for more in ({"serial": ""}, {"serial": "x" * 21}, {"serial": "a b"}, {"serial": SERIAL, "nonce": "00"},
                 {"serial": SERIAL, "modulus": "11" * 384}, {"serial": SERIAL, "modulus": "f1" * 128}, {},
                 {"serial": 7}, {"serial": SERIAL, "modulus": "no hex"}):
        whole = {"nonce": "00" * 16, "modulus": "f1" * 384, **more}
        assert _refused(blank.ask, "provision", step="hello", **whole) in ("P01", "P02")
    station = Station(store[1], SERIAL, blank.ask)
    station.hello()
    assert _refused(blank.ask, "provision", step="prove", mac="00" * 16) == "S04"       # another station than the one it sealed its secret to
    assert _refused(station.prove) == "S10"                                             # and that try is over
    for part, value in (("other", "00"), ("ca", "0g"), ("initial", "D0016"), ("transport", ""), ("initial", 5)):
        assert _refused(_ready(store, blank).load, part, str(value)) in ("P01", "P02")
    for change in ({"usage": "P0"}, {"mode": "N"}, {"key": transport + bytes(8)}):
        station = _ready(store, blank)
        block = station.block(change.get("usage", "K1"), change.get("mode", "D"), change.get("key", transport))
        assert _refused(station.load, "transport", block) == "P01"
    station = _ready(store, blank)
    assert _refused(station.commit) == "P01"                                            # nothing was loaded
    station = _ready(store, blank)
    station.load("ca", demo.CA_DER.read_bytes().hex())
    station.load("signing", store[1].public("signing/1").hex())
    station.load("label", b"test keys".hex())
    station.keys()
    station._story = bytes(16)                                                          # something was lost or added on the way
    assert _refused(station.commit) == "S04"
    assert not _keyed(blank) and bytes(blank.bench.flash.data) == image
    provisioning.through(store[1], SERIAL, blank.ask)
    assert _keyed(blank)


def test_a_block_for_another_terminal_or_of_an_earlier_session_is_refused(store, blank):
    from microtill.keys import terminals
    transport = terminals.transport_key(store[1], SERIAL, keys.newest(store[1], "kbpk"))
    first = _ready(store, blank)
    stale = first.block("K1", "D", transport)
    again = _ready(store, blank)
    assert _refused(again.load, "transport", stale) == "S04"
    other = _ready(store, blank, "MT-0043")
    other.serial = SERIAL                                                               # the station made a block for the wrong serial
    assert _refused(other.load, "transport", other.block("K1", "D", transport)) == "P01"
    with Service(None, seed=2) as second:
        theirs = _ready(store, second)
        assert _refused(theirs.load, "transport", _ready(store, blank).block("K1", "D", transport)) == "S04"


def test_without_a_true_random_source_a_terminal_takes_test_keys_alone(store, blank):
    station = _ready(store, blank)
    station.load("ca", demo.CA_DER.read_bytes().hex())
    station.load("signing", store[1].public("signing/1").hex())
    station.keys()
    assert _refused(station.commit) == "S01" and not _keyed(blank)


def test_power_cut_at_every_flash_operation_leaves_it_blank_or_whole(store):
    with Service(None) as service:
        before = service.bench.flash.operations
        provisioning.through(store[1], SERIAL, service.ask)
        operations = service.bench.flash.operations - before
    assert operations >= 6
    ends = set()
    for number in [*range(1, operations, 3), operations]:
        for share in (0.0, 0.5, 1.0) if number == operations else (0.5,):
            with Service(None) as service:
                service.bench.flash.cut = (service.bench.flash.operations + number, share)
                with pytest.raises(terminal.NoAnswer):
                    provisioning.through(store[1], SERIAL, service.ask)
                keyed = _keyed(service)
                ends.add(keyed)
                if keyed:
                    assert number == operations and service.ask("identity")[0]["serial"] == SERIAL
                elif number in (1, operations):             # and a second try makes it whole, under another serial too
                    provisioning.through(store[1], "MT-0099", service.ask)
                    assert service.ask("identity")[0]["serial"] == "MT-0099"
    assert ends == {True, False}


def test_power_cut_between_any_two_steps_leaves_it_blank(store):
    for stop in range(1, 8):
        with Service(None) as service:
            steps = []

            def tell(words, steps=steps, service=service, stop=stop):
                steps.append(words)
                if len(steps) == stop:
                    service.bench.world.after(0, _cut)
            with pytest.raises(terminal.NoAnswer):
                provisioning.through(store[1], SERIAL, service.ask, tell)
            assert len(steps) == stop and not _keyed(service)


def _cut():
    raise PowerCut


@pytest.fixture(scope="module")
def shop(store):
    """The state folder of a terminal that was provisioned, and has been paid at."""
    done = provisioning.provision(store[0], store[1], SERIAL)
    heard = []
    answer = pay(store[0], "12.50", "visa-pin", "1234", setup=lambda bench: bench.bank.wire.append(lambda way, data: heard.append((way, data))))
    return store[0], done, answer, [data for way, data in heard if way == "request"]


def test_a_provisioned_terminal_pays_at_the_bank_that_opens_the_same_store(shop):
    state, done, answer, _requests = shop
    assert (answer["outcome"], answer["terminal_effects"], answer["bank_effects"]) == ("approved", 1, 1)
    assert "test keys" in answer["receipt_text"].lower()
    assert record.read(state)[-1] == {**record.read(state)[-1], "act": "provision", "serial": SERIAL, "kcvs": done["kcvs"]}


def test_a_script_of_others_opens_its_pin_block_with_the_base_key_and_with_no_other(shop):
    _state, _done, _answer, requests = shop
    (sale,) = [data for data in requests if data.startswith(b"0200")]
    for key, opens in ((BDK, True), (demo.BDK, False), (bytes(16), False), (bytes.fromhex(PARTS[0]), False)):
        done = subprocess.run([sys.executable, OPENER, key.hex()], input=sale.hex(), capture_output=True, text=True)
        assert (done.returncode, done.stdout) == ((0, "1234\n") if opens else (1, "")), done.stderr


def test_a_terminal_that_was_not_provisioned_is_refused_by_the_bank(shop, image):
    state, _done, _answer, _requests = shop
    bench = Bench(state, keep=False)
    bench.flash.data[:] = image                             # keyed by the demonstration, which this bank does not know
    refusals = []
    try:
        bench.start()
        bench.run(lambda: bench.bank.refusals or refusals.extend(bench.bank.refusals), 60_000)
        assert "unknown terminal" in bench.bank.refusals
        assert bench.bank.effects() == 1                    # what was paid before, and no more
    finally:
        bench.close()


def test_a_blank_terminal_beside_a_key_store_takes_no_payment(store, tmp_path):
    (tmp_path / "keys").symlink_to(store[0] / "keys")
    answer = pay(tmp_path, "12.50", "visa")
    assert (answer["outcome"], answer["reason"], answer["terminal_effects"], answer["bank_effects"]) == ("cancelled", "S01", 0, 0)


def test_no_key_lies_about_after_it(shop):
    state, _done, _answer, _requests = shop
    from microtill.bench.acquirer import dukpt
    from microtill.keys import terminals
    made = opened.open_store(state)
    secrets = {"base key": BDK, "initial key": dukpt.initial_key(BDK, dukpt.key_id(SERIAL)),
               "transport key": terminals.transport_key(made, SERIAL, keys.newest(made, "kbpk")), "first part": bytes.fromhex(PARTS[0])}
    looked = 0
    for path in sorted(Path(state).rglob("*")):
        if path.is_file():
            held, looked = path.read_bytes(), looked + 1
            text = held.decode("latin-1").lower()
            assert not [name for name, value in secrets.items() if value in held or value.hex() in text], path
    assert looked >= 6


def test_a_tray_of_boards_one_after_another(store, tmp_path):
    tray = tmp_path / "tray.csv"
    with open(tray, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerows([["serial", "state"], ["TRAY-1", tmp_path / "one"], ["TRAY-2", tmp_path / "two"], ["TRAY-3", tmp_path / "one"],
                        ["bad serial!", ""]])
    status, answer = verb.provision(QUIET, str(store[0]), None, str(tray), 1)
    assert status == 1
    assert [(row["serial"], row["ok"], row["code"]) for row in answer["boards"]] == [
        ("TRAY-1", True, ""), ("TRAY-2", True, ""), ("TRAY-3", False, "S01"), ("bad serial!", False, "K09")]
    assert answer["serial"] == ["TRAY-1", "TRAY-2"]
    paid = pay(tmp_path / "two", "12.50", "visa")           # its bank opens the same store
    assert (paid["outcome"], paid["terminal_effects"], paid["bank_effects"]) == ("approved", 1, 1)
    page = (store[0] / "terminals" / "TRAY-1.html").read_text()
    held = json.loads((store[0] / "terminals" / "TRAY-1.json").read_text())
    assert held["kcvs"]["initial"] in page and held["key_id"] in page and "TEST KEYS" in page and "<svg" in page and "http" not in page.replace(
        "http://www.w3.org", "")
    for text, code in (("", "K10"), ("number\n1\n", "K10")):
        tray.write_text(text)
        with pytest.raises(verb.BadBatch) as bad:
            verb.provision(QUIET, str(store[0]), None, str(tray), 1)
        assert bad.value.code == code
