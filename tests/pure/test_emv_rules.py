# test_emv_rules.py: the kernels' rules one by one, against answers written for the purpose.
import pytest
from test_emv_wallet import NOW, field_55, tap_of

from till.cards.emv import data, settings
from till.core.errors import Malformed

OK, VISA, MC = b"\x90\x00", "A0000000031010", "A0000000041010"
TRACK = bytes.fromhex("4761739001010119D49122010000000000")
PAN = bytes.fromhex("4761739001010119")
QVSDC = {"82": "0000", "57": TRACK, "9F10": "06011203A00000", "9F26": "0102030405060708", "9F36": "0001", "9F6C": "0000"}
CDOL = "9F02069F03069F1A0295055F2A029A039C019F3704"
RECORD = {"57": TRACK, "5A": PAN, "5F24": "491231", "5F34": "01", "8C": CDOL, "8E": "000000000000000042031F03", "9F07": "FF80"}
CRYPTOGRAM = {"9F27": "80", "9F36": "0001", "9F26": "0102030405060708", "9F10": "0110A0000322000000000000000000000000FF"}


def raw(values):
    return {tag: bytes.fromhex(value) if isinstance(value, str) else value for tag, value in values.items() if value is not None}


def obj(tag, value):
    """One TLV; `value` bytes, or a dict of those that lie in it."""
    if isinstance(value, dict):
        value = b"".join(obj(inner, inside) for inner, inside in raw(value).items())
    size = bytes((len(value),)) if len(value) < 128 else bytes((0x81, len(value)))
    return bytes.fromhex(tag) + size + value


def template(tag, values):
    return obj(tag, values) + OK


def entry(aid, priority=1, **more):
    return obj("61", {"4F": aid, "87": f"{priority:02x}", **more})


def directory(*entries):
    return obj("6F", obj("84", b"2PAY.SYS.DDF01") + obj("A5", obj("BF0C", b"".join(entries)))) + OK


def chosen(aid, **more):
    return obj("6F", {"84": aid, "A5": {"50": b"NAME", **more}}) + OK


def play(answers, amount=12_50, ours=None):
    """(tap, commands after SELECT of the directory)."""
    tap = tap_of(amount, ours)
    commands, command = [], tap.begin()
    for answer in answers:
        command = tap.answer(bytes.fromhex(answer) if isinstance(answer, str) else answer)
        if command is None:
            break
        commands.append(bytes(command))
    return tap, commands


def visa(amount=12_50, record=None, **changes):
    answers = [directory(entry(VISA)), chosen(VISA), template("77", {**QVSDC, **changes})]
    return play(answers + ([template("70", record)] if record is not None else []), amount)[0]


def mc(amount=12_50, aip="1880", record=None, cryptogram=None, ours=None):
    answers = [directory(entry(MC)), chosen(MC), template("77", {"82": aip, "94": "08010100"}),
               template("70", {**RECORD, **(record or {})}), template("77", {**CRYPTOGRAM, **(cryptogram or {})})]
    return play(answers, amount, ours)[0]


def seen(tap):
    return tap.outcome, tap.reason, tap.cvm


# The directory

def test_priority_then_order_then_none():
    _, commands = play([directory(entry(VISA + "05", 0), entry(VISA + "02", 2), entry(VISA + "01", 1), entry(MC, 2)),
                        *["6A82"] * 4])
    assert [command[5:-1].hex().upper() for command in commands] == [VISA + "01", VISA + "02", MC, VISA + "05"]


@pytest.mark.parametrize(("more", "taken"), [
    ({}, True), ({"9F2A": "03"}, True), ({"9F2A": "00"}, True), ({"9F2A": "0300000000"}, True), ({"9F2A": "02"}, False),
    ({"9F2A": "83"}, False), ({"9F2A": "C30620"}, False)])
def test_the_kernel_that_the_entry_asks_for(more, taken):
    tap, commands = play([directory(entry(VISA, **more))])
    assert bool(commands) == taken and tap.reason == ("" if taken else "not_accepted")


@pytest.mark.parametrize(("listed", "reason"), [
    (directory(), "not_accepted"), (directory(entry("A00000000310", 1)), ""), (directory(entry("A0000000")), "not_accepted"),
    ("6A82", "not_accepted"), ("9000", "card_error"), ("7003840100" + "9000", "card_error"), ("90", "card_error"), ("", "card_error"),
    ("6F058403" + "9000", "card_error")])
def test_strange_directories(listed, reason):
    assert play([listed])[0].reason == reason


def test_blocked_then_another_pays():
    tap, _ = play([directory(entry(MC), entry(VISA, 2)), chosen(MC)[:-2] + b"\x62\x83", chosen(VISA), template("77", QVSDC)])
    assert seen(tap) == ("online", "", "none") and tap.aid.hex().upper() == VISA


@pytest.mark.parametrize(("last", "reason"), [("6283", "blocked"), ("6A82", "not_accepted"), ("6985", "not_accepted")])
def test_nothing_left(last, reason):
    assert seen(play([directory(entry(VISA)), last])[0]) == ("declined", reason, "none")


def test_not_now_selects_the_next_and_forgets_the_first():
    tap, commands = play([directory(entry(VISA), entry(MC, 2)), chosen(VISA, **{"5F2D": b"fr"}), "6985", chosen(MC)])
    assert commands[-1].hex() == "80a8000002830000" and tap.language == b"" and tap.store.get(0x84) == bytes.fromhex(MC)


@pytest.mark.parametrize(("fci", "label"), [
    ({}, "NAME"), ({"9F12": b"Preferred", "9F11": b"\x01"}, "Preferred"), ({"9F12": b"Preferred", "9F11": b"\x02"}, "NAME"),
    ({"9F12": b"Preferred"}, "NAME"), ({"50": b"\xe9\x00"}, "VISA")])
def test_label_for_the_receipt(fci, label):
    assert play([directory(entry(VISA)), chosen(VISA, **fci)])[0].label == label


@pytest.mark.parametrize(("value", "language"), [(b"enfr", b"enfr"), (b"EN", b"en"), (b"e", b""), (b"e1", b""), (b"enfrdeites", b"")])
def test_language(value, language):
    assert play([directory(entry(VISA)), chosen(VISA, **{"5F2D": value})])[0].language == language


def test_a_name_that_is_not_the_one_selected():
    assert seen(play([directory(entry(VISA)), chosen(MC)])[0]) == ("other_card", "card_error", "none")


def test_pdol_is_answered_in_template_83():
    pdol = "9F6604" "9F0206" "9F3704" "9F3303" "DF7F02"
    _, commands = play([directory(entry(VISA)), chosen(VISA, **{"9F38": pdol})], 60_00)
    assert commands[-1].hex() == "80a80000" "15" "8313" "24c04000" "000000006000" "11223344" "e04800" "0000" "00"


@pytest.mark.parametrize("pdol", ["9F66", "9F02FF", "9F02069F", "DF7F7F" * 3])
def test_a_pdol_that_cannot_be_answered(pdol):
    assert play([directory(entry(VISA)), chosen(VISA, **{"9F38": pdol})])[0].reason == "card_error"


def test_a_long_pdol_gets_a_long_length():
    _, commands = play([directory(entry(VISA)), chosen(VISA, **{"9F38": "9F0206DF7F7B"})])
    assert commands[-1].hex() == "80a80000" "84" "838181" "000000001250" + "00" * 123 + "00"


# C-3

@pytest.mark.parametrize(("ctq", "amount", "expected"), [
    ("0000", 12_50, ("online", "", "none")), ("8000", 12_50, ("online", "", "online_pin")), ("0080", 12_50, ("online", "", "device")),
    ("8080", 60_00, ("online", "", "online_pin")), ("0080", 60_00, ("online", "", "device")), ("0000", 60_00, ("declined", "cvm", "none")),
    ("4000", 60_00, ("declined", "cvm", "none")), (None, 60_00, ("declined", "cvm", "none")), (None, 12_50, ("online", "", "none"))])
def test_card_transaction_qualifiers(ctq, amount, expected):
    assert seen(visa(amount, **{"9F6C": ctq})) == expected


@pytest.mark.parametrize(("cid", "issuer_data", "expected"), [
    ("80", "06011203A00000", "online"), (None, "06011203A00000", "online"), (None, "06011203900000", "offline_not_allowed"),
    (None, "06011203800000", "card_declined"), ("00", "06011203A00000", "card_declined"), ("40", "06011203A00000", "offline_not_allowed"),
    ("C0", "06011203A00000", "card_error"), (None, "1F22010000", "card_error"), (None, "0601", "card_error")])
def test_kind_of_cryptogram(cid, issuer_data, expected):
    tap = visa(**{"9F27": cid, "9F10": issuer_data})
    assert (tap.reason or tap.outcome) == expected
    if tap.outcome == "online":
        assert bytes.fromhex("9F270180") in field_55(tap)


@pytest.mark.parametrize(("expiry", "ctq", "outcome"), [
    ("2611", "0000", "online"), ("2610", "0000", "declined"), ("2610", "0800", "online"), ("4912", "0000", "online"),
    ("5001", "0000", "declined")])
def test_expiry_of_track_2(expiry, ctq, outcome):
    tap = visa(**{"57": "4761739001010119D" + expiry + "2010000000000", "9F6C": ctq})
    assert (tap.outcome, tap.reason) == (outcome, "" if outcome == "online" else "expired")


@pytest.mark.parametrize(("ends", "outcome"), [(f"{NOW:%y%m%d}", "online"), ("261123", "declined"), ("491231", "online")])
def test_expiry_of_a_record_goes_before_track_2(ends, outcome):
    assert visa(record={"5F24": ends, "5A": PAN}, **{"94": "08010100"}).outcome == outcome


@pytest.mark.parametrize("missing", ["82", "9F10", "9F26", "9F36", "57"])
def test_mandatory_data_of_c3(missing):
    assert seen(visa(**{missing: None})) == ("other_card", "card_error", "none")


def test_account_from_a_record_alone():
    tap = visa(record={"5F24": "491231", "5A": PAN}, **{"94": "08010100", "57": None})
    assert tap.outcome == "online" and tap.pan == b"4761739001010119" and tap.track2 == b"" and tap.expiry == b"\x49\x12\x31"


@pytest.mark.parametrize("changes", [
    {"57": "4761739001010118D49122010000000000"}, {"57": "4761739001010119D4913201000000"}, {"57": "4761739001010119D491"},
    {"57": "4761739001010119"}, {"5F34": "0A"}, {"9F26": "01"}, {"9F6C": "00"}, {"94": "0801"}, {"94": "0A010100"}, {"94": "08020100"},
    {"94": "08000000"}, {"94": "00010100"}, {"94": "F8010100"}, {"94": "08010102"}, {"57": "4761739001A10119D4912201"}])
def test_bad_data_of_c3(changes):
    tap = visa(**changes)
    assert seen(tap) == ("other_card", "card_error", "none") and tap.pan == b"" and tap.track2 == b""


@pytest.mark.parametrize(("answer", "outcome"), [("6986", "see_phone"), ("6985", "declined"), ("6984", "other_card"),
                                                 ("6700", "other_card"),
                                                 ("8006000008010100" + "9000", "other_card"), ("9000", "other_card")])
def test_other_answers_to_gpo(answer, outcome):
    assert play([directory(entry(VISA)), chosen(VISA), answer])[0].outcome == outcome


def test_two_pans_that_differ():
    assert visa(record={"5A": bytes.fromhex("5413330089604111")}, **{"94": "08010100"}).reason == "card_error"


def test_never_more_than_64_commands():
    tap, commands = play([directory(entry(VISA)), chosen(VISA), template("77", {**QVSDC, "94": "0801FF00"})] + [template("70", {})] * 99)
    assert seen(tap) == ("other_card", "card_error", "none") and len(commands) < 64


# C-2

@pytest.mark.parametrize(("rules", "amount", "expected", "results"), [
    ("42031F03", 12_50, ("online", "", "none"), "1F0302"), ("42031F03", 60_00, ("online", "", "online_pin"), "420300"),
    ("5E031F03", 60_00, ("declined", "cvm", "none"), "3F0001"), ("1F00", 60_00, ("declined", "cvm", "none"), "1F0001"),
    ("02005E00", 12_50, ("declined", "cvm", "none"), "020001"), ("4200" + "1F00", 12_50, ("online", "", "none"), "1F0002"),
    ("00001F00", 12_50, ("declined", "cvm", "none"), "000001"), ("6A001F00", 12_50, ("online", "", "none"), "1F0002"),
    ("1F06", 12_50, ("declined", "cvm", "none"), "3F0001"), ("42FF1F02", 12_50, ("online", "", "none"), "1F0202"),
    ("1F01", 12_50, ("declined", "cvm", "none"), "3F0001")])
def test_cvm_list(rules, amount, expected, results):
    kind = {"9F27": "80" if expected[0] == "online" else "00"}
    tap = mc(amount, record={"8E": "0000000000000000" + rules}, cryptogram=kind)
    assert seen(tap) == expected and tap.cvm_results.hex().upper() == results
    assert bool(tap.tvr[2] & 0x80) == (expected[1] == "cvm") and bool(tap.tvr[2] & 0x40) == rules.startswith("6A")


@pytest.mark.parametrize(("x", "amount", "money", "holds"), [("00001000", 12_50, "0978", True), ("00000100", 12_50, "0978", False),
                                                             ("00001000", 12_50, "0840", False), ("00001000", 12_50, None, False)])
def test_cvm_rule_under_an_amount(x, amount, money, holds):
    tap = mc(amount, record={"8E": x + "00000000" + "1F06", "9F42": money}, cryptogram={"9F27": "80" if holds else "00"})
    assert seen(tap) == (("online", "", "none") if holds else ("declined", "cvm", "none"))


@pytest.mark.parametrize(("aip", "amount", "expected"), [
    ("1A80", 12_50, ("online", "", "none")), ("1A80", 60_00, ("online", "", "device")), ("0880", 12_50, ("online", "", "none")),
    ("0880", 60_00, ("declined", "cvm", "none")), ("1800", 12_50, ("declined", "not_accepted", "none"))])
def test_interchange_profile(aip, amount, expected):
    tap = mc(amount, aip, cryptogram={"9F27": "00" if expected[1] == "cvm" else "80"})
    assert seen(tap) == expected


@pytest.mark.parametrize(("record", "at", "bit"), [
    ({"5F24": "261123"}, 1, 0x40), ({"5F25": "261125"}, 1, 0x20), ({"9F07": "0080"}, 1, 0x10), ({"9F07": "0180", "5F28": "0620"}, 1, 0x10),
    ({"9F07": "1500", "5F28": "0620"}, 1, 0x10), ({"9F07": "2900", "5F28": "0276"}, 1, 0x10), ({"8E": None}, 0, 0x20)])
def test_verification_results_tell_and_denial_decides(record, at, bit):
    tap = mc(record=record)
    assert tap.tvr[at] & bit and tap.outcome == "online"
    denied = mc(record={**record, "9F0E": bytes(at) + bytes((bit,)) + bytes(4 - at)}, cryptogram={"9F27": "00"})
    assert seen(denied)[:2] == ("declined", "expired" if "5F24" in record else "card_declined") and denied.asked == 0x00
    assert mc(record={**record, "9F0E": bytes(at) + bytes((bit,)) + bytes(4 - at)}).reason == "card_error"      # asked AAC, gave ARQC


def test_use_at_home_and_abroad():
    assert not mc(record={"9F07": "2900", "5F28": "0620"}).tvr[1] and not mc(record={"9F07": "1500", "5F28": "0276"}).tvr[1]


def test_denial_of_the_terminal_is_data():
    row = settings.MASTERCARD
    lenient = {**settings.DEFAULTS, "aids": (row[:settings.DENIAL] + (bytes(5),),)}
    assert seen(mc(60_00, record={"8E": "00000000000000005E031F03"}, ours=lenient)) == ("online", "", "none")


@pytest.mark.parametrize(("cryptogram", "expected"), [
    ({"9F27": "00"}, ("declined", "card_declined")), ({"9F27": "40"}, ("declined", "offline_not_allowed")),
    ({"9F27": "C0"}, ("other_card", "card_error")), ({"9F27": "00", "DF4B": "000300"}, ("see_phone", "see_phone")),
    ({"9F26": None}, ("other_card", "card_error")),
    ({"9F27": None}, ("other_card", "card_error")), ({"9F10": None}, ("other_card", "card_error"))])
def test_answers_to_generate_ac(cryptogram, expected):
    assert seen(mc(cryptogram=cryptogram))[:2] == expected


@pytest.mark.parametrize(("answer", "outcome"), [("801280" "0001" "0102030405060708" "0110A0000322009000", "online"),
                                                 ("6985", "other_card"),
                                                 ("8003800001" "9000", "other_card"), ("7000" "9000", "other_card")])
def test_format_1_throughout(answer, outcome):
    tap, _ = play([directory(entry(MC)), chosen(MC), "8006" "1880" "08010100" "9000", template("70", RECORD), answer])
    assert tap.outcome == outcome


@pytest.mark.parametrize("record", [{"8C": None}, {"5F24": None}, {"57": None, "5A": None}, {"5F24": "4912"}, {"5F24": "491331"},
                                    {"8C": "9F02"}, {"8E": "000000000000000042031F"}, {"8C": "9F02FF"}])
def test_bad_records_of_c2(record):
    assert seen(mc(record=record))[:2] == ("other_card", "card_error")


def test_a_record_cannot_say_what_gpo_said():
    start = [directory(entry(MC)), chosen(MC), template("77", {"82": "1880", "94": "08010200"}),
             template("70", {**RECORD, "82": "0000", "9F26": "FFFFFFFFFFFFFFFF"})]
    tap, _ = play([*start, template("70", {"5F34": "02"})])
    assert tap.reason == "card_error"         # the sequence number came twice, and differed
    tap, _ = play([*start, template("70", {"5F34": "01"}), template("77", CRYPTOGRAM)])
    assert tap.outcome == "online" and tap.store.get(0x82) == b"\x18\x80" and tap.store.get(0x9F26) == bytes(range(1, 9))


# Data

@pytest.mark.parametrize(("value", "size"), [("12a4", 2), ("12345", 2), (-1, 2), (b"1:", 1)])
def test_no_digits(value, size):
    with pytest.raises(Malformed):
        data.bcd(value, size)


def test_a_store_that_is_full():
    store = data.Store()
    with pytest.raises(Malformed, match="full"):
        for tag in range(9):
            store.put(tag, bytes(252))
