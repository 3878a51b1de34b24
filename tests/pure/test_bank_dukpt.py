# test_bank_dukpt.py: the bank's DUKPT against the published vectors, and the keys of the demonstration.
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from psec import pinblock

from microtill import demo
from microtill.bench.acquirer import dukpt, issuer

HERE = Path(__file__).resolve()
FOLDERS = (HERE.parents[1] / "vectors", HERE.parents[3] / "shared" / "vectors")


def vectors(name):
    return json.loads(next(folder / name for folder in FOLDERS if (folder / name).exists()).read_text())


PUBLISHED, USAGES = vectors("dukpt_aes128.json"), vectors("dukpt_aes128_usages.json")
FIRST = bytes.fromhex(PUBLISHED["initial_key"])


def test_initial_key():
    assert dukpt.initial_key(bytes.fromhex(PUBLISHED["bdk"]), bytes.fromhex(PUBLISHED["initial_key_id"])) == FIRST


@pytest.mark.parametrize("case", PUBLISHED["transactions"], ids=lambda case: case["ksn"][-8:])
def test_published_transactions(case):
    ksn = bytes.fromhex(case["ksn"])
    assert dukpt.derivation_key(FIRST, ksn).hex().upper() == case["derivation_key"]
    for usage, name in ((dukpt.PIN_ENCRYPTION, "pin_key"), (dukpt.MAC_REQUEST, "mac_key"), (dukpt.DATA_REQUEST, "data_key")):
        assert dukpt.working_key(FIRST, ksn, usage).hex().upper() == case[name]
    key = dukpt.working_key(FIRST, ksn, dukpt.PIN_ENCRYPTION)
    assert issuer.entered_pin(bytes.fromhex(case["encrypted_pin_block"]), key, PUBLISHED["pan"]) == PUBLISHED["pin"]


@pytest.mark.parametrize("case", USAGES["transactions"], ids=lambda case: case["ksn"][-8:])
def test_answers_have_keys_of_their_own(case):
    ksn, data = bytes.fromhex(case["ksn"]), USAGES["data_ascii"].encode()
    assert dukpt.working_key(FIRST, ksn, dukpt.DATA_RESPONSE).hex().upper() == case["data_key_decrypt"]
    for usage, name in ((dukpt.MAC_REQUEST, "request_cmac"), (dukpt.MAC_RESPONSE, "response_cmac")):
        cmac = CMAC(algorithms.AES(dukpt.working_key(FIRST, ksn, usage)))
        cmac.update(data)
        assert cmac.finalize().hex().upper() == case[name]


@pytest.mark.parametrize("rule", USAGES["counter_rules"], ids=lambda rule: rule["counter"])
def test_worn_counters_have_no_key(rule):
    assert dukpt.valid_counter(int(rule["counter"], 16)) is rule["valid"]
    ksn = bytes.fromhex(USAGES["initial_key_id"] + rule["counter"])
    if not rule["valid"]:
        with pytest.raises(dukpt.WornOut):
            dukpt.working_key(FIRST, ksn, dukpt.MAC_REQUEST)


def test_the_demonstration_terminal():
    ikid, first = demo.initial_key(demo.SERIAL)
    assert ikid.hex() == "5829d06a78735d46"
    assert first == dukpt.initial_key(demo.BDK, ikid) and len(first) == 16


@pytest.mark.parametrize("person", demo.CARDS, ids=lambda person: person.name)
def test_demonstration_people_are_well_formed(person):
    assert issuer.luhn(person.pan) and 4 <= len(person.pin) <= 12
    key = demo.BDK
    assert issuer.entered_pin(pinblock.encipher_pinblock_iso_4(key, person.pin, person.pan), key, person.pan) == person.pin


def test_luhn_and_mask_of_published_numbers():
    published = vectors("luhn_mask.json")
    assert all(issuer.luhn(case["pan"]) and issuer.mask(case["pan"]) == case["masked"] for case in published["pans"])
    assert not any(issuer.luhn(pan) for pan in published["reject"] if pan)


@pytest.mark.parametrize("case", [case for case in vectors("pin_blocks.json")["blocks"] if "encrypted" in case])
def test_published_pin_blocks_of_format_4(case):
    assert issuer.entered_pin(bytes.fromhex(case["encrypted"]), bytes.fromhex(case["key"]), case["pan"]) == case["pin"]
