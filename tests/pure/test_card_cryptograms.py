# test_card_cryptograms.py: the cards' cryptograms computed again, by code that shares nothing with theirs and is held to published values.
import json
from pathlib import Path

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from test_bank_double import Tap

from microtill import demo
from microtill.bench.acquirer import issuer
from microtill.bench.cards.wallet import Wallet

HERE = Path(__file__).resolve()
FOLDERS = (HERE.parents[1] / "vectors", HERE.parents[3] / "shared" / "vectors")
SIGNED = ("9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37")


def vectors(name):
    return json.loads(next(folder / name for folder in FOLDERS if (folder / name).exists()).read_text())


CASES = vectors("emv_cryptograms.json")["cases"]


def des(key, block, decrypt=False):
    """TDES of one block; a key of 8 or 16 bytes is repeated to 24."""
    cipher = Cipher(TripleDES((key * 3)[:24] if len(key) == 8 else key + key[:8]), modes.ECB())
    worker = cipher.decryptor() if decrypt else cipher.encryptor()
    return worker.update(block) + worker.finalize()


def xor(left, right):
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def card_key(issuer_key, pan, psn):
    """EMV Book 2 A1.4.1, option A."""
    y = bytes.fromhex((pan + psn)[-16:].rjust(16, "0"))
    return des(issuer_key, y) + des(issuer_key, xor(y, b"\xff" * 8))


def session_key(key, diversifier):
    """EMV Book 2 A1.3.1: bytes F0 and 0F in third place."""
    return b"".join(des(key, diversifier[:2] + mark + diversifier[3:]) for mark in (b"\xf0", b"\x0f"))


def mac3(key, data, padding):
    """ISO/EMV MAC of Book 2 A1.2.1: ISO/IEC 9797-1 algorithm 3, padding method 1 or 2."""
    data += b"\x80" if padding == 2 else b""
    data += bytes(-len(data) % 8)
    block = bytes(8)
    for at in range(0, len(data), 8):
        block = des(key[:8], xor(block, data[at:at + 8]))
    return des(key[:8], des(key[8:], block, decrypt=True))


def cryptogram(cvn, issuer_key, pan, psn, data, atc, unpredictable):
    key = card_key(issuer_key, pan, psn)
    diversifier = {"Visa 18": atc + bytes(6), "Mastercard 20": atc + bytes(6)}.get(cvn, atc + bytes(2) + unpredictable)
    used = key if cvn == "Visa 10" else session_key(key, diversifier)
    return mac3(used, data, 1 if cvn == "Visa 10" else 2)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["cvn"])
def test_this_second_opinion_is_right(case):
    made = cryptogram(case["cvn"], bytes.fromhex(case["issuer_master_key_ac"]), case["pan"], case["psn"], bytes.fromhex(case["ac_input"]),
                      bytes.fromhex(case["tags"]["9F36"]), bytes.fromhex(case["tags"]["9F37"]))
    assert made.hex().upper() == case["arqc"]


@pytest.mark.parametrize("name", ["visa", "visa-pin", "phone", "mc", "mc-pin", "no-funds", "stolen"])
def test_the_card_agrees_with_the_second_opinion(name):
    person = Wallet().person(name)
    tap = Tap(Wallet().card(name), 12_50)
    issuer_data = tap.tags["9F10"]
    tail = {"visa-10": issuer_data[3:7], "visa-18": issuer_data, "mchip-16": issuer_data[2:8],
            "mchip-17": issuer_data[2:8] + issuer_data[10:18]}[person.product]
    cvn = {"visa-10": "Visa 10", "visa-18": "Visa 18"}.get(person.product, "Mastercard 16")
    data = b"".join(tap.terminal[tag] for tag in SIGNED) + tap.tags["82"] + tap.tags["9F36"] + tail
    made = cryptogram(cvn, demo.ISSUER_KEYS[person.product], person.pan, person.psn, data, tap.tags["9F36"], tap.terminal["9F37"])
    assert made == tap.tags["9F26"]
    assert tap.tags["9F27"] == b"\x80"


@pytest.mark.parametrize(("name", "case"), [("no-funds", CASES[0]), ("visa", CASES[1]), ("mc", CASES[2])])
def test_the_bank_accepts_published_cryptograms_and_no_neighbour(name, case):
    product = Wallet().person(name).product
    chip = {tag: bytes.fromhex(value) for tag, value in case["tags"].items()}
    results = bytes.fromhex(next(iter(case["extra"].values())))
    wrapped = {"visa-10": b"\x06\x01\x0a" + results, "visa-18": results, "mchip-16": b"\x01\x10" + results + bytes(10)}[product]
    chip.update({"9F10": wrapped, "9F26": bytes.fromhex(case["arqc"])})
    keys = issuer.CardKeys(product, bytes.fromhex(case["issuer_master_key_ac"]), case["pan"], case["psn"])
    keys.verify(chip)
    for tag in ("9F02", "9F37", "9F36", "9F26"):
        bent = {**chip, tag: chip[tag][:-1] + bytes((chip[tag][-1] ^ 1,))}
        with pytest.raises(issuer.Refuse) as refused:
            keys.verify(bent)
        assert refused.value.response == "59"


def test_the_banks_answer_to_the_card_is_the_published_one():
    case = CASES[0]
    chip = {"9F26": bytes.fromhex(case["arqc"]), "9F36": bytes.fromhex(case["tags"]["9F36"])}
    keys = issuer.CardKeys("visa-10", bytes.fromhex(case["issuer_master_key_ac"]), case["pan"], case["psn"])
    assert keys.answer(chip, "00").hex().upper() == case["arpc"] + case["arc"]
