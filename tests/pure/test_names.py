# test_names.py: every bit, tag, field and rule that this terminal uses has a name and a clause; unfolding shows no account number.
import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microtill import demo
from microtill.bench import mask
from microtill.bench.acquirer import messages
from microtill.bench.cards import mchip, visa
from microtill.bench.firmware import ROOT
from microtill.device_source import transaction
from microtill.names import apdu, bits, flash, host, rules, safe, tags, unfold
from till.cards.emv import data, settings
from till.triggers import guards
from till.triggers.rules import RULES
from till.ui.languages import en as words


@pytest.mark.parametrize(("tag", "value", "told"), [
    ("95", "8000000000", "byte 1 bit 8: offline data authentication was not performed"),
    ("95", "2000000000", "byte 1 bit 6: card data missing"),
    ("95", "0040000000", "byte 2 bit 7: expired application"),
    ("95", "0020000000", "byte 2 bit 6: application not yet effective"),
    ("95", "0010000000", "byte 2 bit 5: requested service not allowed for the card product"),
    ("95", "0000800000", "byte 3 bit 8: cardholder verification was not successful"),
    ("95", "0000400000", "byte 3 bit 7: unrecognised CVM"),
    ("95", "0000040000", "byte 3 bit 3: online PIN entered"),
    ("95", "0000008000", "byte 4 bit 8: transaction exceeds the floor limit"),
    ("9F66", "20000000", "byte 1 bit 6: qVSDC supported"),
    ("9F66", "04000000", "byte 1 bit 3: online PIN supported"),
    ("9F66", "00800000", "byte 2 bit 8: online cryptogram required"),
    ("9F66", "00400000", "byte 2 bit 7: CVM required"),
    ("9F66", "00004000", "byte 3 bit 7: consumer device CVM supported"),
    ("9F6C", "8000", "byte 1 bit 8: online PIN required"),
    ("9F6C", "0800", "byte 1 bit 4: go online if the application is expired"),
    ("9F6C", "0080", "byte 2 bit 8: consumer device CVM performed"),
    ("9F27", "80", "ARQC: wants to go online"), ("9F27", "00", "AAC: declined by the card"), ("9F27", "40", "TC: approved offline"),
    ("9F33", "004000", "byte 2 bit 7: enciphered PIN online"), ("9F33", "000800", "byte 2 bit 4: no CVM required"),
])
def test_a_bit_that_the_terminal_sets_or_reads_is_named(tag, value, told):
    assert bits.of(tag, value) == [told]


@pytest.mark.parametrize(("kernel", "value", "told"), [
    ("C-2", "1000", "byte 1 bit 5: cardholder verification supported"),
    ("C-2", "0200", "byte 1 bit 2: on-device cardholder verification supported"),
    ("C-2", "0080", "byte 2 bit 8: EMV mode supported"), ("C-3", "0080", "byte 2 bit 8: magnetic stripe mode supported"),
    ("C-3", "0040", "byte 2 bit 7: mobile device")])
def test_the_profile_reads_by_its_kernel(kernel, value, told):
    assert bits.of("82", value, kernel) == [told]


@pytest.mark.parametrize(("value", "told"), [
    ("020000", ["enciphered PIN checked online", "always", "result not known here"]),
    ("3F0001", ["no CVM performed", "always", "failed"]),
    ("010002", ["plain PIN checked by the card", "always", "successful"]),
    ("5E0300", ["signature", "if the terminal supports it", "result not known here"])])
def test_cvm_results_in_words(value, told):
    assert bits.of("9F34", value) == told


def test_every_bit_of_our_settings_and_of_the_bench_cards_has_a_meaning():
    ours = [(tag, settings.DEFAULTS[name].hex()) for tag, name in (
        ("9F66", "ttq"), ("9F33", "capabilities"), ("9F33", "capabilities_below"), ("9F33", "capabilities_above"),
        ("9F40", "more_capabilities"))]
    theirs = [("9F0D", "B450848000"), ("9F0F", "B470848000"), ("9F07", "FF80"), ("82", "1880")]
    for tag, value in ours + theirs:
        told = bits.of(tag, value, "C-2")
        assert told and not [line for line in told if "no meaning" in line], tag


def test_lists_in_words():
    assert bits.of("8E", "000000000000000042035E031F03") == [
        "amount X 0, amount Y 0", "enciphered PIN checked online, if the terminal supports it; if it fails, the next rule",
        "signature, if the terminal supports it; if it fails, the next rule", "no CVM, if the terminal supports it; if it fails, stop"]
    assert bits.of("94", "1001010018010200") == ["file 2, records 1 to 1", "file 3, records 1 to 2"]


@given(st.sampled_from([*bits.TABLES, "82", "9F27", "9F34", "8E", "94", "57", "00"]), st.text("0123456789ABCDEF*x", max_size=24))
def test_odd_values_have_no_bits_and_raise_nothing(tag, value):
    assert all(isinstance(line, str) for line in bits.of(tag, value))


def test_every_tag_that_is_used_has_a_name_and_a_clause():
    used = [tag for tag, _ in (*visa.PDOL, *mchip.CDOL1)] + list(messages.PRIVATE_TAGS)
    used += ["%X" % row[0] for rows in (data.STARTED, data.RECORD, data.CRYPTOGRAM) for row in rows]
    assert [tag for tag in used if tags.name(tag) == "unknown" or not tags.clause(tag)] == []


def test_every_field_code_and_type_that_the_bank_uses_is_named():
    used = [2, *messages._NUMERIC, *messages._TEXT, *messages.BINARY_FIELDS]
    assert [number for number in used if str(number) not in host.FIELDS] == []
    codes = [code for code in words.REASONS if len(code) == 2 and code.isdigit()]
    assert [code for code in codes if host.response(code) == "unknown"] == []
    assert host.clause("0200") == "ISO 8583:1987 0200" and host.message("0401") == "reversal, repeated"
    assert host.message("9999") == "unknown message"


def test_every_rule_guard_refusal_and_step_of_money_is_told():
    assert [rule[:2] for rule in RULES if rule[:2] not in rules.TRIGGERS] == []
    ours = [name for name in vars(guards) if not name.startswith("_") and name not in ("calendar", "more")]
    assert ours and [name for name in ours if name not in rules.GUARDS] == []
    assert {guard[0] for rule in RULES for guard in rule[4]} <= set(rules.GUARDS)
    assert set(words.REFUSALS) <= set(rules.REFUSALS)
    assert {what for _before, what, _after in transaction.STEPS} <= set(rules.MONEY)


def test_flash_areas_are_those_of_the_firmware():
    values = {}
    for node in ast.walk(ast.parse((ROOT / "firmware/till/build.py").read_text())):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            names = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else [node.targets[0]]
            given_values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for name, value in zip(names, given_values, strict=False):
                if isinstance(name, ast.Name) and name.id in ("_COUNTERS", "_SLOTS", "_JOURNAL", "_JOURNAL_SECTORS"):
                    values[name.id] = eval(compile(ast.Expression(value), "build", "eval"))
    starts = {name: start for start, _end, name, _clause in flash.AREAS}
    assert (values["_COUNTERS"], values["_SLOTS"], values["_JOURNAL"]) == (starts["counters"], starts["slots"], starts["journal"])
    assert flash.area(values["_JOURNAL"] + values["_JOURNAL_SECTORS"] * 4096 - 1)[0] == "journal"
    assert flash.area(values["_JOURNAL"] + values["_JOURNAL_SECTORS"] * 4096)[0] == "elsewhere" == flash.area(None)[0]


def test_templates_unfold_with_their_depth():
    found = unfold.rows("6F1A8407A0000000031010A50F500A56495341204445424954870101")
    assert [(row["tag"], row["depth"]) for row in found] == [("6F", 0), ("84", 1), ("A5", 1), ("50", 2), ("87", 2)]
    assert found[3]["text"] == "VISA DEBIT" and found[1]["name"] == "dedicated file name"


def test_what_is_no_tlv_is_one_row_with_stars():
    assert unfold.rows("9F")[0]["tag"] == ""
    assert unfold.rows("9F4761739001010119")[0]["value"] == "9F476173******0119"


def test_a_list_of_wishes_is_named():
    found = unfold.rows("9F38069F66049F0206")[0]
    assert found["asks"] == [{"tag": "9F66", "name": tags.name("9F66"), "size": 4}, {"tag": "9F02", "name": tags.name("9F02"), "size": 6}]


@pytest.mark.parametrize(("word", "told"), [("9000", "done"), ("6C10", "wrong Le, 16 bytes are there"), ("61FF", "done, 255 bytes wait"),
                                            ("63C2", "check failed, 2 tries left"), ("1234", "unknown")])
def test_status_words(word, told):
    assert apdu.status(word) == told


@given(st.text("0123456789ABCDEF*xyz", max_size=80))
def test_any_text_unfolds(text):
    assert all(row["tag"] == "" or row["name"] for row in unfold.rows(text))


@given(st.sampled_from(demo.CARDS), st.binary(max_size=20), st.sampled_from(["57", "5A", "9F6B", "9F1F"]))
def test_no_account_survives_unfolding(person, rest, tag):
    value = person.pan + "D49122010000000000F"
    value = value[:len(value) // 2 * 2]
    text = tag + "%02X" % (len(value) // 2) + value + rest.hex().upper()
    told = unfold.rows(text)
    assert person.pan not in repr(told) and told[0]["tag"] == tag and "*" in told[0]["value"]


@pytest.mark.parametrize("person", demo.CARDS, ids=lambda person: person.name)
def test_free_text_and_plain_fields_are_masked(person):
    assert safe.text("card %s here" % person.pan) == "card %s here" % mask.number(person.pan)
    assert host.field("2", person.pan)["value"] == mask.number(person.pan)
    assert person.pan not in repr(host.field("55", "5A08" + person.pan))
