# test_tdes_pin.py: a PIN in fields 52 and 53, for a bank without AES: never unless the owner wants it, never without a key of its own, and each of
# its counters once.
import os
import subprocess
import sys
from pathlib import Path

import pytest
from attacks import Flash
from psec import tr31

from microtill import demo, keys, packages, provisioning
from microtill.bench.acquirer import messages, tdes
from microtill.bench.bench import Bench
from microtill.keys import ciphers, opened, record, terminals
from microtill.show import Output
from microtill.terminal import Refused, Service
from microtill.verbs import keys as keys_verb
from microtill.verbs import params
from microtill.verbs import provision as verb
from microtill.verbs.pay import pay
from till.store.counters import TDES, Counters

QUIET = Output(as_json=True)
SERIAL = "MT-0061"
WANTED = {"host": {"pin_format": "iso-0-tdes"}}
IKID = demo.initial_key(demo.SERIAL)[0]
KEY = tdes.under(demo.TDES_BDK)(IKID + bytes(2)).hex()
OPENER = Path(__file__).parent / "tdes_pin_opener.py"


def heard(bench):
    """The payments that its bank hears, as they come."""
    found = []
    bench.bank.wire.append(lambda way, data: found.append(messages.decode(data)) if way == "request" and data.startswith(b"0200") else None)
    return found


def ksn_of(message):
    return messages.private_set(message)[messages.TDES_KSN]


def on_flash(data):
    """The counter of such PINs as a chip without power has it."""
    return Counters(Flash(bytearray(data)), 0).mount().value(TDES)


def with_pin(till, digits="1234"):
    return till.ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("Enter PIN").keys(digits + "D")


@pytest.fixture
def old(till):
    """A terminal whose owner wants such PINs, with the key for them, beside a bank that takes them."""
    till.ready().settings(**WANTED).ask("tdes_key", hex=KEY)
    till.bench.bank.allow_tdes(demo.SERIAL)
    return till


def refused(till, op, **more):
    """(code, word) with which its console refuses."""
    till.bench.console.ask({"op": op, **more})
    till.holds(till.bench.console.answered, "the console answers")
    assert not till.bench.console.last["ok"]
    return till.bench.console.last["code"], till.bench.console.last["word"]


def test_unless_it_is_wanted_no_key_for_it_is_taken_and_nothing_of_it_leaves(till):
    sent = heard(till.bench)
    till.ready()
    assert refused(till, "tdes_key", hex=KEY) == ("S20", "host.pin_format")
    assert refused(till, "install", slot=14, hex=KEY)[0] == "S01"
    with_pin(till).sees("Approved").ready()
    assert not {52, 53} & set(sent[0].fields) and messages.TDES_KSN not in messages.private_set(sent[0])
    assert messages.PIN_BLOCK in messages.private_set(sent[0]) and ("pin", "S21") not in till.refusals()
    with Service(None) as blank:
        with pytest.raises(Refused) as no:
            blank.ask("install", slot=14, hex=KEY)
        assert no.value.args == ("S01", "tdes")
        with pytest.raises(Refused) as no:
            blank.ask("tdes_key", hex=KEY)
        assert no.value.args[0] == "S20"


def test_without_a_key_a_pin_payment_ends_before_anybody_pays_and_others_go_on(till):
    sent = heard(till.bench)
    till.ready().settings(**WANTED).ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("No key for PINs").sees("Call service").ready()
    assert not any("Enter PIN" in screen for screen in till.screens) and sent == [] and till.effects() == (0, 0)
    assert [(row["reason"], row["amount_minor"]) for row in till.records("refused")] == [("S21", 1250)]
    till.pays()
    assert till.effects() == (1, 1)


def test_the_reason_is_said_in_chinese_too(till):
    till.ready().settings(shop={"languages": ["zh", "en"]}, **WANTED).sees("请输入金额").keys("1250D").sees("请刷卡").taps("visa-pin")
    till.sees("没有密码密钥", 5_000)


def test_with_one_the_pin_goes_in_field_52_and_all_else_as_ever(old):
    counted, sent = [], heard(old.bench)
    old.bench.bank.wire.append(lambda way, data: counted.append(on_flash(old.bench.flash.data)) if data.startswith(b"0200") else None)
    with_pin(old, "9999").sees("Wrong PIN").sees("Tap a card").taps("visa-pin").sees("Enter PIN").keys("1234D").sees("Approved").ready()
    old.pays()
    assert old.effects() == (2, 2) and old.bench.bank.refusals == ["wrong pin"]
    wrong, right, without = sent
    for message in (wrong, right):
        assert len(message[52]) == 8 and message[53] == "2001010000000000" and message.fields.keys() - {52, 53} == without.fields.keys()
        assert set(messages.private_set(message)) - {"DF06"} == set(messages.private_set(without)) == {"DF01", "DF04", "DF05"}
    assert [tdes.counter_of(ksn_of(message)) for message in (wrong, right)] == [1, 2] == counted[:2]      # on flash before the first byte left
    assert "PIN verified by the bank" in old.papers()[1] and old.agree()
    assert refused(old, "tdes_key", hex=KEY) == ("S01", "already keyed")


def test_a_bank_that_was_not_told_of_it_refuses(till):
    till.ready().settings(**WANTED).ask("tdes_key", hex=KEY)
    with_pin(till).sees("Declined").ready()
    assert till.bench.bank.refusals == ["no tdes here"] and till.effects() == (0, 0)


def test_at_the_end_of_its_counter_no_pin_is_asked_for_and_others_go_on(old):
    old.ready().waits(1_000).bench.cut()
    Counters(Flash(old.bench.flash.data), 0).mount().spend(TDES, 0x1FF7FF)
    old.bench.start()
    with_pin(old).sees("Approved").ready()
    old.ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("No key for PINs").ready()
    old.pays()
    assert old.effects() == (2, 2) and on_flash(old.bench.flash.data) == 0x1FF800


def test_power_cut_while_the_bank_thinks_gives_no_counter_twice(old):
    sent = heard(old.bench)
    old.ready().waits(500).keys("1250D").sees("Tap a card").taps("visa-pin").sees("Enter PIN").bench.bank.moods.append("never")
    old.keys("1234D").holds(lambda: sent, "it was sent").waits(2_000).bench.cut()
    old.bench.start()
    with_pin(old).sees("Approved").ready()
    assert [tdes.counter_of(ksn_of(message)) for message in sent] == [1, 2] and old.effects() == (1, 1)


# from a key store
@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """(folder, what the key verb said, what the terminal was given, what went to the bank): a store with such a key, a terminal of it, paid at."""
    state, sent = tmp_path_factory.mktemp("shop"), []
    os.environ[opened.PIN] = "135790"
    _status, made = keys_verb.init(QUIET, state, "file", None, False, True)
    verb.provision(QUIET, state, SERIAL, None, 1)
    with pytest.raises(Refused) as refused:
        verb.provision(QUIET, state, SERIAL, None, 1, True)
    assert refused.value.args[0] == "S20"               # its settings do not want it yet
    with_toml(state, "")
    _status, done = verb.provision(QUIET, state, SERIAL, None, 1, True)
    answer = pay(state, "12.50", "visa-pin", "1234",
                 setup=lambda bench: bench.bank.wire.append(lambda way, data: sent.append(data) if data.startswith(b"0200") else None))
    assert (answer["outcome"], answer["terminal_effects"], answer["bank_effects"]) == ("approved", 1, 1)
    yield state, made, done, sent
    os.environ.pop(opened.PIN)


def with_toml(state, more):
    path = Path(state) / "owner.toml"
    path.write_text('[host]\npin_format = "iso-0-tdes"\n' + more)
    status, answer = params.load(QUIET, state, path)
    assert (status, answer["errors"]) == (0, [])


def _base(state, name="bdk-tdes/1"):
    return bytes.fromhex(opened.open_store(state)._held[name]["value"])


def test_a_store_makes_such_a_key_when_asked_and_says_what_it_gave(shop, tmp_path):
    state, made, done, _sent = shop
    rows = {row["key"]: (row["usage"], row["algorithm"]) for row in made["keys"]}
    assert rows["bdk-tdes/1"] == rows["bdk-tdes-right/1"] == ("B0", "TDES")
    assert done["bdk-tdes"] == "bdk-tdes/1" and len(done["kcvs"]["tdes"]) == 6 and done["kcvs"]["tdes"] in Path(done["certificate"]).read_text()
    assert record.read(state)[-1]["kcvs"] == done["kcvs"]
    with pytest.raises(keys.WrongUse):
        opened.open_store(state).block("bdk-tdes/1", bytes(16))
    _status, without = keys_verb.init(QUIET, tmp_path, "file", None, False)
    assert not any(row["key"].startswith("bdk-tdes") for row in without["keys"])
    _status, first = keys_verb.rotate(QUIET, tmp_path, "bdk-tdes")
    _status, second = keys_verb.rotate(QUIET, tmp_path, "bdk-tdes")
    assert (first["before"], first["key"], second["before"], second["key"]) == ("", "bdk-tdes/1", "bdk-tdes/1", "bdk-tdes/2")
    keys_verb.retire(QUIET, tmp_path, "bdk-tdes/1")
    assert {row.label for row in opened.open_store(tmp_path).rows() if row.retired} == {"bdk-tdes/1", "bdk-tdes-right/1"}


def test_a_script_of_others_opens_it_with_the_tdes_base_key_alone(shop):
    state, _made, _done, sent = shop
    for key, opens in ((_base(state), True), (_base(state, "bdk/1"), False), (_base(state, "bdk-tdes-right/1"), False), (demo.TDES_BDK, False)):
        done = subprocess.run([sys.executable, OPENER, key.hex()], input=sent[0].hex(), capture_output=True, text=True)
        assert (done.returncode, done.stdout) == ((0, "1234\n") if opens else (1, "")), done.stderr


def test_neither_key_lies_about_after_it(shop):
    state, _made, _done, _sent = shop
    ksn = provisioning.dukpt.key_id(SERIAL) + bytes(2)
    secrets = {"base key": _base(state), "initial key": terminals.tdes_initial_key(opened.open_store(state), ksn, "bdk-tdes/1")}
    for path in sorted(Path(state).rglob("*")):
        if path.is_file():
            held = path.read_bytes()
            text = held.decode("latin-1").lower()
            assert not [name for name, value in secrets.items() if value in held or value.hex() in text], path


@pytest.fixture
def provisioned(shop, tmp_path, monkeypatch):
    """ask(op, **more) of a terminal that was provisioned from that store, and wants such PINs, but has no key for them yet; and its transport key."""
    state, _made, _done, _sent = shop
    store = opened.open_store(state)
    key = provisioning.admin_key(state, SERIAL)
    monkeypatch.setattr(Bench, "_admin_key", lambda bench, serial: key)
    with Service(None) as service:
        provisioning.through(store, SERIAL, service.ask)
        image = bytes(service.bench.flash.data)
    bench = Bench(None)
    bench.flash.data[:] = image
    bench.start()
    assert params.hand(bench, packages.request(packages.sign(store, packages.build(packages.PARAMETERS, _text()))))[0] == []
    image = bytes(bench.flash.data)
    bench.close()
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = image
        service.start()
        yield service, terminals.transport_key(store, SERIAL, "kbpk/1")


def _text():
    from microtill.verbs.update import told
    return told(WANTED)


def _block(transport, usage="B1", algorithm="T", mode="X", exportability="N", key=bytes(range(16)), **parts):
    header = tr31.Header("D", usage, algorithm, mode, "00", exportability)
    ksn = tdes.terminal_of(provisioning.dukpt.key_id(SERIAL)) + bytes(2)
    for name, value in {"KS": ksn.hex().upper(), "LB": SERIAL, **parts}.items():
        header.blocks[name] = value
    return tr31.wrap(transport, header, key)


def test_a_block_that_is_not_for_it_is_refused_and_then_the_right_one_is_taken(provisioned):
    service, transport = provisioned
    for block, code in ((_block(transport, usage="B0"), "P01"), (_block(transport, algorithm="A"), "P01"), (_block(transport, mode="N"), "P01"),
                        (_block(transport, exportability="E"), "P01"), (_block(transport, LB="MT-0062"), "P01"),
                        (_block(transport, KS="00" * 10), "P01"), (_block(transport, key=bytes(range(24))), "P01"),
                        (_block(bytes(16)), "S04"), (_block(transport)[:-1] + "0", "S04"), ("D0016", "P01")):
        with pytest.raises(Refused) as refused:
            service.ask("tdes_key", block=block)
        assert refused.value.args[0] == code, block
    with pytest.raises(Refused) as refused:
        service.ask("tdes_key", hex=KEY)                # in the clear: no
    assert refused.value.args[0] == "P02"
    assert not service.ask("identity")[0]["pin_keyed"]
    assert service.ask("tdes_key", block=_block(transport))[0]["kcv"] == ciphers.tdes_kcv(bytes(range(16)))
    assert service.ask("identity")[0]["pin_keyed"] and [row["words"] for row in service.ask("audit") if row["kind"] == "keys"][-1].startswith("tdes ")
