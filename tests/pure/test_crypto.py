# test_crypto.py: AES, TDES, CMAC, PIN blocks and comparison, against `cryptography` and against their plain twins.
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st
from till.core.errors import Malformed
from till.crypto import aes, aes_plain, cmac, des, pinblock
from till.crypto.equal import equal

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    TripleDES = algorithms.TripleDES

KEYS = st.sampled_from((16, 24, 32)).flatmap(lambda size: st.binary(min_size=size, max_size=size))
BLOCKS = st.integers(0, 4).flatmap(lambda count: st.binary(min_size=16 * count, max_size=16 * count))
BLOCK = st.binary(min_size=16, max_size=16)
VECTORS = Path(__file__).resolve().parent.parent / "vectors"


def reference(key, mode, data, encrypt=True):
    cipher = Cipher(algorithms.AES(key), mode)
    work = cipher.encryptor() if encrypt else cipher.decryptor()
    return work.update(data) + work.finalize()


@settings(max_examples=40)
@given(KEYS, BLOCKS, BLOCK)
def test_plain_aes_is_aes(key, data, iv):
    for mode, theirs, given_iv in ((1, modes.ECB(), None), (2, modes.CBC(iv), iv)):
        out, back = bytearray(len(data)), bytearray(len(data))
        aes_plain.Aes(key, mode, given_iv).encrypt(data, out)
        assert bytes(out) == reference(key, theirs, data)
        aes_plain.Aes(key, mode, given_iv).decrypt(out, back)
        assert bytes(back) == data


@settings(max_examples=40)
@given(KEYS, BLOCKS, BLOCK)
def test_aes_in_place_and_into_new_bytes(key, data, iv):
    sealed = reference(key, modes.CBC(iv), data)
    assert aes.cbc_encrypt(key, data, iv) == sealed and aes.cbc_decrypt(key, sealed, iv) == data
    assert aes.ecb_encrypt(key, data) == reference(key, modes.ECB(), data)
    work = bytearray(data)
    aes.chain(key, iv, work)
    assert work == sealed
    work[:] = data
    aes.encrypt(key, work)
    aes.decrypt(key, work)
    assert work == data


def test_a_cbc_without_iv_starts_from_zero():
    assert aes.cbc_encrypt(bytes(16), bytes(32)) == reference(bytes(16), modes.CBC(bytes(16)), bytes(32))


@pytest.mark.parametrize("call", [
    lambda: aes_plain.Aes(bytes(15), 1), lambda: aes_plain.Aes(bytes(16), 3), lambda: aes_plain.Aes(bytes(16), 2, bytes(8)),
    lambda: aes_plain.Aes(bytes(16), 1).encrypt(bytes(15), bytearray(15)), lambda: des.encrypt(bytes(7), bytearray(8)),
    lambda: des.encrypt(bytes(32), bytearray(8)),
])
def test_bad_sizes_are_value_errors(call):
    with pytest.raises(ValueError):
        call()


@settings(max_examples=25)
@given(st.sampled_from((16, 24)).flatmap(lambda size: st.binary(min_size=size, max_size=size)), st.binary(min_size=24, max_size=24))
def test_triple_des_is_triple_des(key, data):
    whole = key + key[:8] if len(key) == 16 else key
    work, theirs = bytearray(data), Cipher(TripleDES(whole), modes.ECB()).encryptor()
    des.encrypt(key, work)
    assert bytes(work) == theirs.update(data) + theirs.finalize()
    work[:] = data
    des.Chain(key).encrypt(work, work)
    theirs = Cipher(TripleDES(whole), modes.CBC(bytes(8))).encryptor()
    assert bytes(work) == theirs.update(data) + theirs.finalize()


@given(KEYS, st.binary(max_size=80), st.integers(1, 16))
def test_cmac_is_cmac(key, message, size):
    theirs = CMAC(algorithms.AES(key))
    theirs.update(message)
    mac = theirs.finalize()
    assert bytes(cmac.cmac(key, memoryview(message))) == mac
    assert bytes(cmac.cmac(key, message, bytearray(size))) == mac[:size]


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_equal_is_equality(one, other):
    assert equal(one, other) is (one == other)
    assert equal(bytearray(one), memoryview(one))


PINS = [row for row in json.loads((VECTORS / "pin_blocks.json").read_text())["blocks"] if row["format"] == 4]


def test_published_pan_field_and_block():
    out = bytearray(16)
    for row in PINS:
        if "pan_field" in row:
            pinblock.pan_field(row["pan"].encode(), out)
            assert out.hex().upper() == row["pan_field"]
        if "random" in row:
            pinblock.encode4(row["pin"].encode(), bytes.fromhex(row["random"]), row["pan"].encode(), bytes.fromhex(row["key"]), out)
            assert out.hex().upper() == row["encrypted"]


@given(st.text("0123456789", min_size=4, max_size=12), st.text("0123456789", min_size=1, max_size=19), BLOCK,
       st.binary(min_size=8, max_size=8))
def test_a_block_deciphers_to_its_pin(pin, number, key, fill):
    out = bytearray(16)
    pinblock.encode4(bytearray(int(digit) for digit in pin), fill, number.encode(), key, out)
    inner, field = reference(key, modes.ECB(), bytes(out), False), bytearray(16)
    pinblock.pan_field(number.encode(), field)
    plain = reference(key, modes.ECB(), bytes(a ^ b for a, b in zip(inner, field, strict=True)), False)
    assert plain.hex() == f"4{len(pin):x}{pin}".ljust(16, "a") + fill.hex()
    filled = number.rjust(12, "0")
    assert field.hex() == f"{len(filled) - 12}{filled}".ljust(32, "0")


@given(st.binary(max_size=14), st.binary(max_size=20))
def test_a_bad_pin_or_number_leaves_nothing(pin, number):
    def all_digits(text):
        return all(0x30 <= byte <= 0x39 or byte < 10 for byte in text)
    out = bytearray(b"\xff" * 16)
    if 4 <= len(pin) <= 12 and all_digits(pin) and 1 <= len(number) <= 19 and all_digits(number):
        pinblock.encode4(pin, bytes(8), number, bytes(16), out)
        return
    with pytest.raises(Malformed) as why:
        pinblock.encode4(pin, bytes(8), number, bytes(16), out)
    assert why.value.args[0] in ("pin", "pan") and out == bytes(16)


def test_the_device_agrees_with_the_plain_cipher(micropython):
    assert micropython("""
from till.crypto import aes, aes_plain, cmac
seed = bytearray(range(48))
for size in (16, 32):
    for turn in range(12):
        key, iv, data = bytes(seed[:size]), bytes(seed[16:32]), bytes(seed)
        out = bytearray(48)
        aes_plain.Aes(key, 2, iv).encrypt(data, out)
        assert aes.cbc_encrypt(key, data, iv) == bytes(out)
        assert bytes(aes.cbc_decrypt(key, out, iv)) == data
        seed = out
print(bytes(cmac.cmac(bytes(24), b"")).hex())
""").strip() == bytes(cmac.cmac(bytes(24), b"")).hex()


@given(key=st.binary(min_size=8, max_size=24).map(lambda raw: raw[:len(raw) // 8 * 8]), data=st.binary(max_size=64),
       iv=st.binary(min_size=8, max_size=8))
def test_des_undoes_what_it_did(key, data, iv):
    data = data[:len(data) // 8 * 8]
    for there, back in ((lambda work: des.encrypt(key, work), lambda work: des.decrypt(key, work)),
                        (lambda work: des.chain(key, iv, work), lambda work: des.unchain(key, iv, work))):
        work = bytearray(data)
        there(work)
        back(work)
        assert work == data
