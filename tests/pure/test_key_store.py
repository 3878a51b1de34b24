# test_key_store.py: the key store, as a custodian meets it: made, shown, keys by ceremony, rotated, retired; one use each; nothing in the clear.
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pkcs11.exceptions import PKCS11Error
from psec import tr31
from till.crypto import dukpt as device_dukpt

from microtill import demo, keys
from microtill.bench.acquirer import dukpt, tdes
from microtill.keys import ceremony, ciphers, opened, record, terminals

PIN = "424242"
ONE, TWO, THREE = "00112233445566778899AABBCCDDEEFF", "1F0E2D3C4B5A69788796A5B4C3D2E1F0", "A0B1C2D3E4F5061728394A5B6C7D8E9F"
KINDS = ["file", "softhsm2"]


@pytest.fixture(scope="module", params=KINDS)
def shop(request, tmp_path_factory):
    """(state folder, its store, filled), one of each kind; keys that were made in a test stay."""
    if request.param == "softhsm2":
        needs_softhsm()
    state = tmp_path_factory.mktemp(request.param)
    before = os.environ.get(opened.PIN)
    os.environ[opened.PIN] = PIN
    store = opened.init(state, request.param, tdes=True)
    yield state, store
    store.close()
    os.environ.pop(opened.PIN)
    if before is not None:
        os.environ[opened.PIN] = before


def _by_ceremony(shop, name, *lines):
    state, store = shop
    typed, told = iter(lines), []
    return ceremony.hold(store, state, name, len(lines) // 2, lambda what, hidden: next(typed), told.append), told


def test_a_new_store_has_one_key_for_each_use_and_shows_check_values_alone(shop):
    _state, store = shop
    rows = {row.label: row for row in store.rows()}
    assert {label.partition("/")[0] for label in rows} == set(keys.USES)
    assert {row.usage for row in rows.values()} == {"B0", "K1", "K3", "S0", "E0"}
    assert rows["issuer-visa-18/1"].kcv == "08D7B4"            # of 0123456789ABCDEF FEDCBA9876543210, as the key check vectors have it
    assert all(row.made and not row.retired and len(row.kcv) in (6, 8) for row in rows.values())


def test_a_key_does_one_thing_and_nothing_else(shop):
    _state, store = shop
    asked = {"block": store.block, "mac": store.mac, "des": store.des, "sign": store.sign, "unseal": store.unseal}
    for name, use in keys.USES.items():
        for operation, ask in asked.items():
            if operation != use.operation:
                with pytest.raises(keys.WrongUse):
                    ask(name + "/1", bytes(16))
    with pytest.raises(keys.NoKey):
        store.block("bdk/9", bytes(16))
    with pytest.raises(keys.NoKey):
        store.block("nothing/1", bytes(16))


def test_a_key_for_pins_under_tdes_gives_both_halves_of_an_initial_key(shop):
    _state, store = shop
    value, ksn = keys.odd(bytes(range(16))), bytes.fromhex("FFFF9876543210E00000")
    assert all(byte.bit_count() & 1 for byte in value)
    assert terminals.tdes_initial_key(store, ksn, keys.make_tdes(store, value)) == tdes.under(value)(ksn)


def test_the_token_itself_refuses_another_use_and_gives_no_key_out(shop):
    _state, store = shop
    assert {name for name in dir(store) if not name.startswith("_")} - {"change_pin"} == {
        "about", "rows", "make", "forget", "retire", "block", "mac", "des", "sign", "unseal", "public", "close"}
    if store.about == "demonstration":
        return
    from pkcs11 import Attribute, Mechanism
    from pkcs11.exceptions import PKCS11Error
    for label, attempt in (("bdk/1", lambda key: key.decrypt(bytes(16), mechanism=Mechanism.AES_ECB)),
                           ("bdk/1", lambda key: key.sign(bytes(16), mechanism=Mechanism.AES_CMAC)),
                           ("kbpk/1", lambda key: key.encrypt(bytes(16), mechanism=Mechanism.AES_ECB)),
                           ("station/1", lambda key: key.sign(b"x", mechanism=Mechanism.SHA256_RSA_PKCS)),
                           ("bdk/1", lambda key: key[Attribute.VALUE]), ("signing/1", lambda key: key[Attribute.PRIVATE_EXPONENT])):
        with pytest.raises((PKCS11Error, AttributeError, NotImplementedError)):
            attempt(store._living(label))
    assert store._living("bdk/1")[Attribute.EXTRACTABLE] is False


def test_a_ceremony_makes_the_same_key_whoever_keeps_it(shop):
    answer, told = _by_ceremony(shop, "bdk", "Ann, owner", ONE, "Bob, bank", TWO, "Cy, auditor", THREE)
    whole = bytes(a ^ b ^ c for a, b, c in zip(*(bytes.fromhex(one) for one in (ONE, TWO, THREE)), strict=True))
    assert answer["kcv"] == ciphers.kcv(whole)
    assert [part["kcv"] for part in answer["components"]] == [ciphers.kcv(bytes.fromhex(one)) for one in (ONE, TWO, THREE)]
    assert [one for one in told if ONE in one or TWO in one or THREE in one] == []
    state, store = shop
    ikid = dukpt.key_id("MT-1")
    assert terminals.initial_key(store, ikid, answer["key"]) == dukpt.initial_key(whole, ikid) == bytes(device_dukpt.initial_key(whole, ikid))
    assert record.read(state)[-1]["components"] == answer["components"] and record.broken(state) is None


@pytest.mark.parametrize("lines", [
    ("Ann", ONE, "ann", TWO), ("Ann", ONE, "Bob", ONE), ("", ONE, "Bob", TWO), ("Ann", ONE[:-2], "Bob", TWO), ("Ann", ONE + "00", "Bob", TWO),
    ("Ann", "00" * 16, "Bob", TWO), ("Ann", "no hex at all", "Bob", TWO)])
def test_a_ceremony_that_breaks_its_rules_makes_nothing(shop, lines):
    before = shop[1].rows()
    with pytest.raises(keys.BadComponent):
        _by_ceremony(shop, "bdk", *lines)
    assert shop[1].rows() == before


def test_only_some_keys_are_made_by_ceremony(shop):
    for name in ("signing", "nothing"):
        with pytest.raises(keys.BadComponent):
            _by_ceremony(shop, name, "Ann", ONE, "Bob", TWO)


def test_a_rotated_key_stands_beside_the_old_one_until_that_is_retired(shop):
    _state, store = shop
    before = keys.newest(store, "kbpk")
    old = terminals.transport_key(store, "MT-1", before)
    label = store.make("kbpk")
    assert keys.newest(store, "kbpk") == label != before
    assert terminals.transport_key(store, "MT-1", before) == old != terminals.transport_key(store, "MT-1", label)
    check = next(row.kcv for row in store.rows() if row.label == before)
    store.retire(before)
    row = next(row for row in store.rows() if row.label == before)
    assert row.retired == keys.today() and row.kcv == check
    with pytest.raises(keys.NoKey):
        store.mac(before, b"anything")
    with pytest.raises(keys.NoKey):
        store.retire(before)


def test_signatures_and_sealed_secrets_are_what_others_make_and_read(shop):
    _state, store = shop
    public = rsa.RSAPublicNumbers(keys.EXPONENT, int.from_bytes(store.public("signing/1"), "big")).public_key()
    public.verify(store.sign("signing/1", b"a manifest"), b"a manifest", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    station = rsa.RSAPublicNumbers(keys.EXPONENT, int.from_bytes(store.public("station/1"), "big")).public_key()
    sealed = station.encrypt(b"secret of sixteen", padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))
    assert store.unseal("station/1", sealed) == b"secret of sixteen"
    with pytest.raises(ValueError):
        store.unseal("station/1", bytes(384))


def test_the_store_opens_with_its_pin_alone(shop, monkeypatch):
    state, store = shop
    monkeypatch.setenv(opened.PIN, "999999")
    with pytest.raises(keys.NotOpened):
        opened.open_store(state)
    monkeypatch.setenv(opened.PIN, PIN)
    again = opened.open_store(state)
    assert [row.label for row in again.rows()] == [row.label for row in store.rows()]
    with pytest.raises(keys.NoStore):
        opened.init(state)                                      # there is one already


def test_no_key_lies_in_the_clear_in_the_store_s_folder(shop):
    state, store = shop
    for value in (*demo.ISSUER_KEYS.values(), *(bytes.fromhex(one) for one in (ONE, TWO, THREE))):
        for path in Path(state).rglob("*"):
            held = path.read_bytes() if path.is_file() else b""
            assert value not in held and value.hex() not in held.decode("latin-1").lower(), path


def test_an_altered_file_or_record_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv(opened.PIN, PIN)
    store = opened.init(tmp_path, "file", empty=True)
    assert {row.label for row in store.rows()} == {"issuer-" + product + "/1" for product in demo.ISSUER_KEYS}
    path = tmp_path / "keys" / "demonstration.json"
    whole = json.loads(path.read_text())
    whole["sealed"] = whole["sealed"][:-2] + ("00" if whole["sealed"][-2:] != "00" else "01")
    path.write_text(json.dumps(whole))
    with pytest.raises(keys.NotOpened):
        opened.open_store(tmp_path)
    for act in ("init", "ceremony", "rotate"):
        record.write(tmp_path, act, kcv="000000")
    lines = (tmp_path / "keys" / "record.jsonl").read_text().splitlines()
    for altered, wrong in ((lines[1:], 1), ([lines[0], lines[2]], 2), ([lines[0], lines[1].replace("000000", "000001"), lines[2]], 2),
                           ([lines[0], lines[2], lines[1]], 2)):
        (tmp_path / "keys" / "record.jsonl").write_text("\n".join(altered) + "\n")
        assert record.broken(tmp_path) == wrong


def test_a_half_made_store_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv(opened.PIN, PIN)
    monkeypatch.setattr(opened.FileStore, "make", lambda *arguments: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        opened.init(tmp_path, "file")
    assert not (tmp_path / "keys").exists()


def needs_softhsm():
    if not opened.softhsm():
        if os.environ.get("CI") == "true":
            pytest.fail("softhsm2 is not here: make system")
        pytest.skip("needs softhsm2: apt-get install softhsm2")
    return opened.softhsm()


def test_a_half_made_store_leaves_no_key_in_somebody_else_s_token(tmp_path, monkeypatch):
    monkeypatch.setenv(opened.PIN, PIN)
    module = str(shutil.copy(needs_softhsm(), tmp_path / "theirs.so"))
    (tmp_path / "keys" / "tokens").mkdir(parents=True)
    opened._configure(tmp_path / "keys")
    subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "theirs", "--so-pin", PIN, "--pin", PIN], check=True, capture_output=True)
    monkeypatch.setitem(keys.USES, "signing", replace(keys.USES["signing"], size=17))      # no token makes such a key, and two keys are there already
    with pytest.raises(PKCS11Error):
        opened.init(tmp_path / "state", module, "theirs")
    left = opened._token(tmp_path / "keys", {"module": module, "token": "theirs"}, PIN)
    assert left.rows() == [] and list(left._session.get_objects()) == []
    left.close()


def test_the_pin_of_a_new_token_is_no_argument_of_any_program(tmp_path, monkeypatch):
    monkeypatch.setenv(opened.PIN, "a pin of mine")
    needs_softhsm()
    ran, run = [], subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda words, **more: ran.append(words) or run(words, **more))
    store = opened.init(tmp_path, "softhsm2", empty=True)
    store.close()
    assert [words[0] for words in ran] == ["softhsm2-util"] and "a pin of mine" not in ran[0]
    opened.open_store(tmp_path).close()
    monkeypatch.setenv(opened.PIN, ran[0][-1])
    with pytest.raises(keys.NotOpened):
        opened.open_store(tmp_path)


def _microtill(*words, stdin="", **more):
    environment = {**os.environ, opened.PIN: PIN, **more}
    command = shutil.which("microtill", path=str(Path(sys.executable).parent))
    return subprocess.run([command, *words], input=stdin, capture_output=True, text=True, env=environment, timeout=60)


def test_the_command_names_a_demonstration_on_every_line_and_shows_no_key(tmp_path):
    made = _microtill("keys", "init", "--store", "file", "--empty", "--state", tmp_path)
    assert made.returncode == 0 and all("[demonstration]" in line for line in made.stdout.splitlines())
    held = _microtill("keys", "ceremony", "bdk", "--state", tmp_path, stdin="Ann\n%s\nBob\n%s\n" % (ONE, TWO))
    assert held.returncode == 0 and all("[demonstration]" in line for line in held.stdout.splitlines())
    assert ONE not in held.stdout + held.stderr and TWO not in held.stdout + held.stderr
    shown = _microtill("--json", "keys", "show", "--state", tmp_path)
    assert {row["key"] for row in json.loads(shown.stdout)["keys"]} >= {"bdk/1"}
    cases = ((("keys", "show", "--state", tmp_path), "K02", {opened.PIN: ""}), (("keys", "derive", "X", "--state", tmp_path), "K04", {}),
             (("keys", "retire", "bdk/7", "--state", tmp_path), "K04", {}), (("keys", "show", "--state", tmp_path / "none"), "K01", {}),
             (("keys", "init", "--store", "/no/such.so", "--state", tmp_path / "other"), "K01", {}))
    for words, code, more in cases:
        said = _microtill(*words, **more)
        assert said.returncode == 2 and said.stderr.startswith("microtill: " + code) and len(said.stderr.splitlines()) == 1, (words, said.stderr)


def test_psec_and_the_device_agree_on_a_block(shop):
    from till.crypto import tr31 as device
    header = tr31.Header("D", "B1", "A", "X", "00", "N")
    header.blocks["IK"], header.blocks["LB"] = "0011223344556677", "MT-1"
    told, key = device.unwrap(bytes(range(16)), tr31.wrap(bytes(range(16)), header, bytes(range(16, 32))))
    assert bytes(key) == bytes(range(16, 32)) and told.part("LB") == "MT-1" and told.part("IK") == "0011223344556677" and told.usage == "B1"
