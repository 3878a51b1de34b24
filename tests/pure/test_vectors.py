# test_vectors.py: every vector file through the device's own code, on CPython and on the wheel; and each case fails when a digit is turned.
import copy
import json
import random
import re
from pathlib import Path

import pytest

from till.admin import vectors

FILES = sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))
DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in FILES}
RUN = sorted(name for name, document in DOCUMENTS.items() if document["kind"] in vectors.KINDS)
WANTED = {"aes_cmac", "cmac_nist", "aes_cmac_wycheproof", "dukpt_aes128", "dukpt_aes128_usages", "dukpt_aes256", "ber_tlv", "dol",
          "cvm_list", "iso8583_1987", "luhn_mask", "pn532_frames", "crc_14443", "escpos", "tr31_d", "tr31_abcd", "pin_blocks", "retail_mac",
          "rsa_pss_3072", "dukpt_tdes", "emv_key_derivation"}
_DIGITS = re.compile(r"[0-9A-F]{2,}(?:[=*][0-9A-F*]*)*\Z")
# What a turned digit cannot show, since the case says the same without it: forged bytes stay forged, cut or unused values are not seen.
_SILENT = {("dol", "values"), ("luhn_mask", "reject"), ("iso8583_1987", "reject"), ("ber_tlv", "reject"), ("dol", "reject"),
           ("cvm_list", "reject"), ("pn532_frames", "odd"), ("tr31_abcd", "reject"), ("pin_blocks", "reject"),
           ("pin_blocks", "pan"), ("emv_key_derivation", "session_diversifier")}
_PARITY = {("retail_mac", "key"), ("emv_key_derivation", "issuer_master_key")}      # the lowest bit of a byte of a DES key is not read


@pytest.mark.parametrize("name", RUN)
def test_every_case_holds(name):
    passed, failures = vectors.run(DOCUMENTS[name])
    assert failures == []
    assert passed == len(list(vectors.cases(DOCUMENTS[name]))) > 0


def test_no_kind_is_forgotten():
    assert {document["kind"] for document in DOCUMENTS.values()} >= WANTED
    assert set(vectors.KINDS) >= WANTED


@pytest.mark.parametrize("name", RUN)
def test_cases_one_by_one_are_the_same_cases(name):
    document = DOCUMENTS[name]
    pieces = vectors.split(json.loads(json.dumps(document)))
    assert [vectors.run(piece) for piece in pieces] == [(1, [])] * len(pieces)
    names = [case[0] for piece in pieces for case in vectors.cases(piece)]
    assert names == [case[0] for case in vectors.cases(document)]


@pytest.mark.parametrize("kind", ["", "emv_oda", "nonsense", None])
def test_an_unknown_kind_is_reported_never_passed(kind):
    with pytest.raises(vectors.UnknownKind):
        vectors.run({"kind": kind, "cases": []})


def test_a_document_without_cases_or_with_a_part_unknown_fails():
    assert vectors.run({"kind": "crc_14443"}) == (0, [("document", "holds no case")])
    document = dict(DOCUMENTS["crc_14443"], surprises=[{"data": "00"}])
    assert vectors.run(document)[1] == [("surprises", "no check looks at it")]


@pytest.mark.parametrize("name", RUN)
def test_a_case_laid_out_wrongly_fails_and_does_not_raise(name):
    for piece in vectors.split(DOCUMENTS[name]):
        section = next(part for part in piece if part in vectors.sections(piece))
        held = piece[section]
        if isinstance(held, dict) or not isinstance(held[0], dict):
            continue
        for part in set(held[0]) - {"source", "note", "why", "name", "entries", "valid", "id"}:
            broken = copy.deepcopy(piece)
            broken[section][0][part] = 7.5
            assert vectors.run(broken)[1], (name, part)
        broken = copy.deepcopy(piece)
        broken[section][0]["surprise"] = "00"
        assert vectors.run(broken)[1], name


def _digits(value, path=()):
    """(path, text) of every string of digits in a case, keys of dicts left out."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("why", "name", "source", "note", "means", "style", "direction", "data_ascii", "cipher", "algorithm", "type"):
                yield from _digits(inner, (*path, name))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _digits(inner, (*path, i))
    elif isinstance(value, str) and _DIGITS.match(value):
        yield path, value


def _put(document, path, text):
    changed = copy.deepcopy(document)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = text
    return changed


def _turned(text, source, step=1):
    """`text` with one of its digits made another one; with `step` 2 the left one of a byte."""
    at = source.choice([i for i, sign in enumerate(text) if sign not in "=*" and i % step == 0])
    return text[:at] + source.choice([digit for digit in "0123456789" if digit != text[at]]) + text[at + 1:]


def _silent(name, path, case):
    why = case.get("why")
    if name == "rsa_pss_3072" and not case["valid"]:
        return True                       # one more wrong digit does not make it right
    if why == "Tag changed to all zero" and path[-1] != "tag":
        return True                       # no key makes a true tag of it
    return any((name, step) in _SILENT for step in path)


@pytest.mark.parametrize("name", RUN)
def test_one_turned_digit_makes_its_case_fail(name):
    source = random.Random(8583)
    turned = 0
    for piece in vectors.split(DOCUMENTS[name]):
        for path, text in _digits({part: piece[part] for part in piece if part in vectors.sections(piece)}):
            section = path[0]
            case = piece[section][0] if isinstance(piece[section], list) and isinstance(piece[section][0], dict) else {}
            if _silent(name, path, case):
                continue
            changed = _put(piece, path, _turned(text, source, 2 if (name, path[-1]) in _PARITY else 1))
            assert vectors.run(changed)[1], (name, path, text)
            turned += 1
    assert turned > 0


@pytest.mark.parametrize("name", ["aes_cmac", "dukpt_aes128", "dukpt_aes128_usages", "dukpt_aes256", "pn532_frames"])
def test_one_turned_digit_in_the_head_makes_every_case_fail(name):
    source, document = random.Random(4493), DOCUMENTS[name]
    for part in ("key", "bdk", "initial_key_id", "initial_key", "pin", "pan", "pin_field", "wake_up"):
        if part in document:
            changed = dict(document, **{part: _turned(document[part], source)})
            passed, failures = vectors.run(changed)
            assert failures and passed <= len(document.get("counter_rules", [])), part


def test_the_wheel_finds_the_same(micropython):
    script = """
import json, sys
from till.admin import vectors
for line in sys.stdin:
    document = json.loads(line)
    passed, failures = 0, []
    for piece in [document] + vectors.split(document):
        held, missed = vectors.run(piece)
        passed += held
        failures += missed
    print(json.dumps([document["kind"], passed, failures]))
"""
    lines = micropython(script, "".join(json.dumps(DOCUMENTS[name]) + "\n" for name in RUN)).splitlines()
    for name, line in zip(RUN, lines, strict=True):
        kind, passed, failures = json.loads(line)
        assert (kind, failures) == (DOCUMENTS[name]["kind"], [])
        assert passed == 2 * len(list(vectors.cases(DOCUMENTS[name])))
