# test_packages.py: a signed package, changed in any way, comes in nowhere; one that is good and not for this terminal says why.
import json
import os
import random

import pytest
from till.core.errors import Malformed
from till.update import manifest, proof

from microtill import keys, packages
from microtill.keys import opened

NOW = 1_770_000_000
CHANGES = 5                             # of each byte; make fuzz has them all


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    state = tmp_path_factory.mktemp("signer")
    os.environ[opened.PIN] = "135790"
    store = opened.init(state, "file")
    package = packages.sign(store, packages.build(packages.PARAMETERS, '{"shop":{"name":"Corner"}}', version=7, floor=5, days=20_000))
    yield store, package, store.public("signing/1")
    os.environ.pop(opened.PIN)


def _taken(package, modulus, kind=manifest.PARAMETERS, floor=0, now=NOW):
    said = manifest.check(package["manifest"].encode(), bytes.fromhex(package["signature"]), modulus, kind, floor, now)
    manifest.holds(said, "owner", package["text"].encode())
    return said


def test_the_original_is_taken_on_both_sides(shop):
    _store, package, modulus = shop
    assert _taken(package, modulus)["version"] == 7
    assert packages.verify(package, modulus) == []


def _changed(data, source):
    """Each byte of `data` made another one, some times."""
    for at in range(len(data)):
        for byte in source.sample(range(256), CHANGES):
            if byte != data[at]:
                yield data[:at] + bytes((byte,)) + data[at + 1:]


def test_every_changed_byte_of_manifest_and_signature_is_refused(shop):
    _store, package, modulus = shop
    source, refused = random.Random(3072), 0
    said, signature = package["manifest"].encode(), bytes.fromhex(package["signature"])
    for text, mark in [(each, signature) for each in _changed(said, source)] + [(said, each) for each in _changed(signature, source)]:
        with pytest.raises(manifest.NotSigned):
            manifest.check(text, mark, modulus, manifest.PARAMETERS, 0, NOW)
        refused += 1
    for size in (*range(0, len(said), 7), len(said) - 1):
        with pytest.raises(manifest.NotSigned):
            manifest.check(said[:size], signature, modulus, manifest.PARAMETERS, 0, NOW)
    for size in (0, 1, 383):
        with pytest.raises(manifest.NotSigned):
            manifest.check(said, signature[:size], modulus, manifest.PARAMETERS, 0, NOW)
    assert refused > (CHANGES - 1) * (len(said) + len(signature))


def test_every_changed_byte_of_its_part_is_refused(shop):
    _store, package, modulus = shop
    said = _taken(package, modulus)
    data = package["text"].encode()
    for changed in [data[:at] + bytes((byte,)) + data[at + 1:] for at in range(len(data)) for byte in range(256) if byte != data[at]]:
        with pytest.raises(manifest.NotForUs, match="hash"):
            manifest.holds(said, "owner", changed)
    for size in range(len(data)):
        with pytest.raises(manifest.NotForUs, match="size"):
            manifest.holds(said, "owner", data[:size])


def test_a_mix_of_two_good_packages_is_refused(shop):
    store, package, modulus = shop
    other = packages.sign(store, packages.build(packages.PARAMETERS, '{"shop":{"name":"Garden"}}', version=8, days=20_000))
    for name in ("manifest", "signature", "text"):
        with pytest.raises((manifest.NotSigned, manifest.NotForUs)):
            _taken({**package, name: other[name]}, modulus)


@pytest.mark.parametrize("why, more", [
    ("class", {"class": "other"}), ("kind", {"kind": "signing-key"}), ("expired", {"expires": NOW - 1}), ("older", {"version": 4}),
    ("older", {"version": 6, "floor": 7})])
def test_a_good_signature_does_not_help_what_is_not_for_this_terminal(shop, why, more):
    store, package, modulus = shop
    said = {**json.loads(package["manifest"]), **more}
    signed = packages.sign(store, {**package, "manifest": json.dumps(said)})
    with pytest.raises(manifest.NotForUs, match=why):
        _taken(signed, modulus)


def test_a_version_below_the_floor_that_was_set_before_stays_out(shop):
    _store, package, modulus = shop
    assert _taken(package, modulus, floor=7)
    with pytest.raises(manifest.NotForUs, match="older"):
        _taken(package, modulus, floor=8)


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", '{"class":1}', "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")])
def test_a_manifest_that_is_none_is_malformed_even_if_signed(shop, text):
    store, package, modulus = shop
    with pytest.raises(Malformed):
        _taken(packages.sign(store, {**package, "manifest": text}), modulus)


def test_every_field_of_a_manifest_is_what_it_should_be(shop):
    said = json.loads(shop[1]["manifest"])
    assert manifest.read(json.dumps(said).encode()) == said
    for name in said:
        for value in (None, "x" if isinstance(said[name], int) else 7, [], True):
            with pytest.raises(Malformed):
                manifest.read(json.dumps({**said, name: value}).encode())
        with pytest.raises(Malformed):
            manifest.read(json.dumps({each: said[each] for each in said if each != name}).encode())
    for part in (7, [1], ["1", "x"], [1, 2], {}):
        with pytest.raises(Malformed):
            manifest.read(json.dumps({**said, "parts": {"owner": part}}).encode())


def test_another_key_s_signature_does_not_count(shop):
    store, package, _modulus = shop
    label = store.make("signing")
    with pytest.raises(manifest.NotSigned):
        _taken(package, store.public(label))
    assert packages.verify(package, store.public(label)) == ["the signature is not this key's"]
    package = packages.next_key(store)
    for mark, modulus in (("signature", store.public("signing/1")), ("signature_new", store.public(label))):
        said = manifest.check(package["manifest"].encode(), bytes.fromhex(package[mark]), modulus, manifest.SIGNING_KEY, 0, NOW)
        manifest.holds(said, "modulus", package["text"].encode())
    store.retire(label)
    with pytest.raises(keys.NoKey):
        packages.next_key(store)


def test_the_proof_beside_the_settings_is_for_these_and_no_others(shop):
    _store, package, modulus = shop
    data = package["text"].encode()
    kept = proof.packed(package["manifest"].encode(), bytes.fromhex(package["signature"]))
    assert proof.stands(data, [None, kept], modulus) and proof.stands(data, [kept, b"rubbish" * 100], modulus)
    assert not proof.stands(data.replace(b"Corner", b"Garden"), [kept, None], modulus)
    assert not proof.stands(data, [None, None], modulus) and not proof.stands(data, [b"", b"x" * 400], modulus)
    assert not proof.stands(data, [bytes((kept[0] ^ 1,)) + kept[1:], None], modulus)
    assert (proof.spare(None, [None, None]), proof.spare(data, [kept, None]), proof.spare(data, [None, kept])) == (0, 1, 0)
