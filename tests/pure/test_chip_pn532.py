# test_chip_pn532.py: the PN532 model frame by frame, in stepped time: what a reader's driver may count on, and what it must survive.
from hypothesis import given, settings
from hypothesis import strategies as st

from microtill.bench.chips.iso14443 import crc_a, frame_us
from microtill.bench.chips.pn532 import PN532
from microtill.bench.chips.pn532_hsu import framed
from microtill.bench.wires import UartLine
from microtill.bench.world import World

ACK, NACK = bytes.fromhex("0000ff00ff00"), bytes.fromhex("0000ffff0000")
WAKE = b"\x55\x55" + bytes(14)
SECOND = 1_000_000


class PlainCard:
    """Echoes the command's length, then as many bytes as its first byte pair asks for."""
    atqa, sak, ats = b"\x00\x04", 0x20, bytes.fromhex("0578807002")

    def __init__(self, uid="04a1b2c3", took_us=3_000, mute=False):
        self.uid, self.took_us, self.mute, self.powered, self.seen = bytes.fromhex(uid), took_us, mute, 0, []

    def power_on(self):
        self.powered += 1

    def apdu(self, command):
        self.seen.append(command)
        size = int.from_bytes(command[:2], "big")
        return (None if self.mute else bytes(i & 0xFF for i in range(size)) + b"\x90\x00"), self.took_us


class Bench:
    def __init__(self, awake=True, **times):
        self.world = World()
        self.line = UartLine(self.world, 1, [])
        self.line.rxbuf = 4096
        self.chip = PN532(self.world, self.line, **times)
        if awake:
            self.raw(WAKE + framed(b"\xd4\x14\x01"))

    def raw(self, data, us=SECOND):
        self.line.from_host(data)
        self.world.run_until(self.world.now + us)
        return self.line.read(4096)

    def ask(self, text, us=SECOND):
        """The answer's body after the ACK, as hex; "" when there is none."""
        got = self.raw(framed(bytes.fromhex("d4" + text)), us)
        assert got.startswith(ACK)
        return body(got[6:]).hex()

    def listed(self):
        assert self.ask("4a0100").startswith("d54b01")


def body(frame):
    if not frame:
        return b""
    at = 8 if frame[3:5] == b"\xff\xff" else 5
    assert sum(frame[at:-1]) & 0xFF == 0
    return frame[at:-2]


def crc(text):
    data = bytes.fromhex(text)
    return data.hex() + crc_a(data).hex()


# --- frames

def test_asleep_it_hears_nothing_until_woken():
    bench = Bench(awake=False)
    assert bench.raw(framed(b"\xd4\x02")) == b""
    assert body(bench.raw(WAKE + framed(b"\xd4\x14\x01"))[6:]).hex() == "d515"
    assert bench.ask("02") == "d50332010607"


def test_ten_zeros_wake_it_too():
    assert body(Bench(awake=False).raw(bytes(10) + framed(b"\xd4\x02"))[6:]).hex() == "d50332010607"


def test_a_wake_up_with_no_pause_for_the_oscillator_loses_the_command():
    assert Bench(awake=False, wake_us=2_000).raw(WAKE + framed(b"\xd4\x02")) == b""


def test_acknowledge_and_answer_come_when_they_should():
    bench = Bench(ack_us=200, work_us=900)
    bench.line.from_host(framed(b"\xd4\x02"))
    sent = bench.world.now + 9 * 10_000_000 // 115200
    bench.world.run_until(sent + 200 + 6 * 87)
    assert bench.line.read(99) == ACK
    bench.world.run_until(sent + 200 + 900)
    assert bench.line.available() == 0
    bench.world.run_until(sent + 200 + 900 + 13 * 87)
    assert len(bench.line.read(99)) == 13


def test_nack_gets_the_last_answer_again():
    bench = Bench()
    bench.ask("02")
    assert body(bench.raw(NACK)).hex() == "d50332010607"


def test_a_garbled_answer_is_whole_when_asked_for_again():
    bench = Bench()
    bench.chip.garble_next = True
    garbled = bench.raw(framed(b"\xd4\x02"))[6:]
    again = bench.raw(NACK)
    assert garbled != again == framed(bytes.fromhex("d50332010607"))
    assert (int.from_bytes(garbled, "big") ^ int.from_bytes(again, "big")).bit_count() == 1


def test_a_bad_checksum_is_met_with_silence_and_the_next_command_answered():
    bench = Bench()
    good = framed(b"\xd4\x02")
    for at in (4, 7):
        assert bench.raw(good[:at] + bytes((good[at] ^ 1,)) + good[at + 1:]) == b""
    assert bench.ask("02") == "d50332010607"


def test_unknown_commands_and_wrong_parameters_get_an_error_frame():
    bench = Bench()
    for text in ("99", "8c00", "4a", "4a0300", "3207", "12", "1009", "1409", "0863"):
        assert bench.ask(text) == "7f", text


def test_extended_frames_both_ways():
    bench = Bench()
    text = "0000" + bytes(i & 0xFF for i in range(262)).hex()
    assert bench.ask(text) == "d501" + text[2:]


def test_host_ack_aborts_a_command_that_waits():
    bench = Bench()
    assert bench.ask("4a0100") == ""
    bench.raw(ACK)
    bench.chip.present(PlainCard())
    assert bench.raw(b"") == b""
    assert bench.ask("02") == "d50332010607"


def test_a_new_command_ends_the_one_that_waits():
    bench = Bench()
    assert bench.ask("4a0100") == ""
    assert bench.ask("02") == "d50332010607"
    bench.chip.present(PlainCard())
    assert bench.raw(b"") == b""


def test_rate_changes_after_the_ack_and_not_before():
    bench = Bench()
    assert bench.ask("1008") == "d511"
    assert bench.chip.baud == 115200
    bench.raw(ACK)
    assert bench.chip.baud == 1288000
    assert bench.raw(framed(b"\xd4\x02")) == b""
    bench.line.open(1288000, 4096)
    assert bench.ask("02") == "d50332010607"


def test_power_down_needs_a_new_wake_up_and_puts_the_field_out():
    bench = Bench()
    bench.ask("320101")
    assert bench.chip.radio.field
    assert bench.ask("16b0") == "d51700"
    assert not bench.chip.radio.field
    assert bench.raw(framed(b"\xd4\x02")) == b""
    assert body(bench.raw(WAKE + framed(b"\xd4\x02"))[6:]).hex() == "d50332010607"


def test_power_down_without_hsu_as_a_source_is_only_ended_by_a_power_cycle():
    bench = Bench()
    assert bench.ask("1620") == "d51700"
    assert bench.raw(WAKE + framed(b"\xd4\x02")) == b""
    bench.chip.power_on()
    assert bench.raw(WAKE + framed(b"\xd4\x02")).startswith(ACK)


def test_deaf_says_nothing():
    bench = Bench()
    bench.chip.deaf = True
    assert bench.raw(framed(b"\xd4\x02")) == b""
    bench.chip.deaf = False
    assert bench.ask("02") == "d50332010607"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_no_bytes_disturb_it_for_good(pieces):
    bench = Bench()
    for piece in pieces:
        bench.raw(piece, 100_000)
    bench.raw(b"", 100_000)
    assert bench.ask("02") == "d50332010607"


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(bytes.fromhex("000406081214324042444a4e5052546077")), st.binary(max_size=24)), max_size=8))
def test_no_command_disturbs_it_for_good(commands):
    bench = Bench()
    bench.chip.present(PlainCard())
    for code, data in commands:
        assert bench.raw(framed(bytes((0xD4, code)) + data)).startswith(ACK)
    assert bench.ask("02") == "d50332010607"


# --- cards

def test_a_card_is_listed_with_its_ats():
    bench = Bench()
    bench.chip.present(PlainCard())
    assert bench.ask("4a0100") == "d54b0101" + "0004" + "20" + "0404a1b2c3" + "0578807002"


def test_without_automatic_rats_no_ats_comes():
    bench = Bench()
    bench.chip.present(PlainCard())
    bench.ask("1204")
    assert bench.ask("4a0100") == "d54b0101" + "0004" + "20" + "0404a1b2c3"


def test_two_cards_are_both_listed_and_both_answer():
    bench = Bench()
    first, second = PlainCard(), PlainCard("04112233445566")
    bench.chip.present(first)
    bench.chip.present(second)
    assert bench.chip.cards == [first, second]
    assert bench.ask("4a0200")[:6] == "d54b02"
    assert bench.ask("4001" + "0002") == "d541000001" + "9000"
    assert bench.ask("4002" + "0001") == "d5410000" + "9000"
    assert bench.ask("04")[4:12] == "00010201"


def test_listing_waits_for_a_card_and_finds_it_at_the_next_poll():
    bench = Bench(try_us=5_000)
    assert bench.ask("4a0100") == ""
    bench.chip.present(PlainCard())
    assert body(bench.raw(b"", 20_000)).hex().startswith("d54b01")


def test_listing_gives_up_after_its_retries():
    bench = Bench(try_us=5_000)
    bench.ask("3205ff0103")
    assert bench.ask("4a0100", 19_000) == ""
    assert body(bench.raw(b"", 20_000)).hex() == "d54b00"


def test_other_technologies_find_nothing():
    bench = Bench()
    bench.ask("3205ff0100")
    bench.chip.present(PlainCard())
    assert bench.ask("4a010100ffff0000") == "d54b00"
    assert bench.ask("4a010300") == "d54b00"


def test_auto_poll_finds_a_card_by_type():
    bench = Bench()
    bench.chip.present(PlainCard())
    assert bench.ask("60140220") == "d561" + "01" + "20" + "0e" + "01" + "000420" + "0404a1b2c3" + "0578807002"
    bench.chip.remove(bench.chip.cards[0])
    assert bench.ask("60010120") == "d56100"


def test_a_seven_byte_uid_can_be_asked_for_by_name():
    bench = Bench()
    bench.chip.present(PlainCard())
    bench.chip.present(PlainCard("04112233445566"))
    assert bench.ask("4a0100" + "8804112233445566")[16:].startswith("04112233445566")


def test_the_field_powers_the_card_only_while_it_is_on():
    bench, card = Bench(), PlainCard()
    bench.chip.present(card)
    assert card.powered == 0
    bench.ask("320101", 100_000)
    assert card.powered == 1
    bench.ask("320100", 100_000)
    on_us = bench.chip.rf_on_us
    assert 90_000 < on_us < 110_000
    bench.raw(b"")
    assert bench.chip.rf_on_us == on_us


def test_an_exchange_takes_the_cards_time_and_the_airs():
    bench, told = Bench(fdt_us=90), []
    card = PlainCard(took_us=4_000)
    bench.chip.present(card)
    bench.listed()
    bench.chip.on_apdu = lambda *what: told.append(what)
    bench.ask("4001" + "000a0102")
    command, response, _, took_us = told[0]
    assert (command.hex(), len(response)) == ("000a0102", 12)
    assert took_us == frame_us(4 + 3) + 90 + 4_000 + frame_us(12 + 3)


def test_a_card_that_thinks_longer_than_it_may_asks_for_time_and_gets_it():
    bench = Bench()
    card = PlainCard(took_us=200_000)
    bench.chip.present(card)
    bench.listed()
    assert bench.ask("4001" + "0001") == "d5410000" + "9000"
    assert bench.world.now > 200_000


def test_a_card_pulled_while_it_thinks_is_a_time_out_and_told_as_one():
    bench, told = Bench(), []
    card = PlainCard(took_us=30_000)
    bench.chip.present(card)
    bench.listed()
    bench.chip.on_apdu = lambda *what: told.append(what[:2])
    bench.world.after(15_000, bench.chip.remove, card)
    assert bench.ask("4001" + "0001") == "d54101"
    assert told == [(b"\x00\x01", None)]
    assert bench.ask("4001" + "0001") == "d54101"


def test_a_card_laid_back_does_not_go_on_where_it_was():
    bench, card = Bench(), PlainCard()
    bench.chip.present(card)
    bench.listed()
    bench.chip.remove(card)
    bench.chip.present(card)
    assert bench.ask("4001" + "0001") == "d54101"
    bench.listed()
    assert bench.ask("4001" + "0001") == "d5410000" + "9000"


def test_a_mute_card_is_a_time_out():
    bench = Bench()
    bench.chip.present(PlainCard(mute=True))
    bench.listed()
    assert bench.ask("4001" + "0001") == "d54101"


def test_no_such_target_is_a_wrong_context():
    bench = Bench()
    assert bench.ask("40010001") == "d54127"
    assert bench.ask("4401") == "d54527"
    assert bench.ask("5401") == "d55527"
    assert bench.ask("0006") == "d50127"


def test_deselect_select_and_release():
    bench, card = Bench(), PlainCard()
    bench.chip.present(card)
    bench.listed()
    assert bench.ask("4401") == "d54500"
    assert bench.ask("40010001") == "d54101"
    assert bench.ask("5401") == "d55500"
    assert bench.ask("40010001") == "d5410000" + "9000"
    assert bench.ask("5200") == "d55300"
    assert bench.ask("40010001") == "d54127"


def test_presence_is_asked_without_disturbing_an_exchange():
    bench, card = Bench(), PlainCard()
    bench.chip.present(card)
    bench.listed()
    assert bench.ask("0006") == "d50100"
    assert bench.ask("40010001") == "d5410000" + "9000"
    assert bench.ask("0006") == "d50100"
    assert bench.ask("40010001") == "d5410000" + "9000"
    bench.chip.remove(card)
    assert bench.ask("0006") == "d50101"


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 900), st.integers(0, 900), st.integers(1, 262))
def test_long_commands_and_responses_come_through_whole(sent, wanted, piece):
    bench, card = Bench(), PlainCard(took_us=10)
    bench.chip.present(card)
    bench.listed()
    command = wanted.to_bytes(2, "big") + bytes(i * 3 & 0xFF for i in range(sent - 2))
    pieces = [command[i:i + piece] for i in range(0, len(command), piece)]
    for part in pieces[:-1]:
        assert bench.ask("4041" + part.hex()) == "d54100"
    answer, whole = bench.ask("4001" + pieces[-1].hex()), ""
    while answer[:6] == "d54140":
        assert len(answer) == 2 * (3 + 262)
        whole, answer = whole + answer[6:], bench.ask("4001")
    assert answer[:6] == "d54100"
    assert bytes.fromhex(whole + answer[6:]) == bytes(i & 0xFF for i in range(wanted)) + b"\x90\x00"
    assert card.seen == [command]


# --- raw frames

def raw_bench():
    bench = Bench()
    bench.chip.present(PlainCard())
    bench.ask("1204")
    bench.listed()
    return bench


def test_iso_dep_by_hand():
    bench = raw_bench()
    assert bench.ask("42" + "e080") == "d54300" + "0578807002"
    assert bench.ask("42" + "020001") == "d54300" + "0200" + "9000"
    assert bench.ask("42" + "b2") == "d54300" + "0200" + "9000"          # the same block again
    assert bench.ask("42" + "b3") == "d54300" + "a2"                     # it waits for block 1
    assert bench.ask("42" + "030002") == "d54300" + "030001" + "9000"
    assert bench.ask("42" + "c2") == "d54300" + "c2"
    assert bench.ask("42" + "020001") == "d54301"


def test_chained_blocks_by_hand():
    bench = raw_bench()
    bench.ask("42" + "e000")                                             # frames of 16 bytes
    assert bench.ask("42" + "1200") == "d54300" + "a2"
    assert bench.ask("42" + "0310") == "d54300" + "13" + bytes(range(13)).hex()
    assert bench.ask("42" + "a2") == "d54300" + "02" + "0d0e0f" + "9000"


def test_more_time_is_asked_for_by_hand_too():
    bench = raw_bench()
    bench.chip.cards[0].took_us = 100_000
    bench.ask("320200" + "0b0f")
    bench.ask("42" + "e080")
    asked = bench.ask("42" + "020001")
    assert asked[:8] == "d54300f2"
    assert bench.ask("42" + asked[6:]) == "d54300" + "0200" + "9000"


def test_crc_by_hand():
    bench = raw_bench()
    bench.ask("086303" + "00")                                           # RxCRCEn off: it comes with the answer
    assert bench.ask("42" + "e080") == "d54300" + crc("0578807002")
    bench.ask("086302" + "00")                                           # TxCRCEn off: we bring our own
    assert bench.ask("42" + crc("020001")) == "d54300" + crc("02009000")
    assert bench.ask("42" + "030001" + "0000") == "d54301"               # a wrong one: silence


def test_anticollision_by_hand():
    bench = Bench()
    bench.ask("320101")
    bench.chip.present(PlainCard())
    bench.ask("08" + "633d07")
    assert bench.ask("42" + "26") == "d54300" + "0400"
    bench.ask("08" + "633d00" + "630200" + "630300")
    assert bench.ask("42" + "9320") == "d54300" + "04a1b2c3" + "d4"
    assert bench.ask("42" + crc("9370" + "04a1b2c3" + "d4")) == "d54300" + crc("20")


def test_an_empty_frame_or_another_modulation_times_out():
    bench = raw_bench()
    assert bench.ask("42") == "d54301"
    bench.ask("08" + "630283")
    assert bench.ask("42" + "e080") == "d54301"


def test_power_off_forgets_all_but_the_card():
    bench, card = Bench(), PlainCard()
    bench.chip.present(card)
    bench.listed()
    bench.world.clear()
    bench.chip.power_on()
    assert bench.chip.cards == [card]
    assert bench.chip.rf_on_us == 0
    assert bench.chip.commands == 0
    assert bench.raw(WAKE + framed(b"\xd4\x14\x01")).startswith(ACK)
    assert bench.ask("40010001") == "d54127"
    bench.listed()
