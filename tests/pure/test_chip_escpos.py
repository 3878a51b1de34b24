# test_chip_escpos.py: the printer model: what is on the paper, when, and what it says of itself, in stepped time.
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from microtill.bench.chips.escpos import NEAR_END, OK, OUT, Escpos
from microtill.bench.wires import UartLine
from microtill.bench.world import World

SECOND = 1_000_000
LEADS = [b"\x1b", b"\x1d", b"\x1dv0", b"\x1d(k", b"\x1dk", b"\x1b*", b"\x1d(L", b"\x10\x04"]
CUT = b"\x1dV\x00"


class Bench:
    def __init__(self, **how):
        self.world = World()
        self.line = UartLine(self.world, 2, [])
        self.line.rxbuf = 65536
        self.printer = Escpos(self.world, self.line, **how)

    def send(self, data, us=60 * SECOND):
        self.line.from_host(data)
        self.world.run_until(self.world.now + us)
        return self.line.read(65536)

    def receipt(self, data):
        self.send(data + CUT)
        return self.printer.receipts[-1]

    def text(self, data):
        return self.receipt(data).text


def ink(image):
    """Box of what is burnt, or None."""
    return image.point(lambda grey: 255 - grey).getbbox()


def test_text_lines_and_where_they_break():
    assert Bench().text(b"Hello\r\n\n" + b"x" * 40 + b"\n") == "Hello\n\n" + "x" * 32 + "\n" + "x" * 8
    assert Bench(width=576).text(b"x" * 50 + b"\n") == "x" * 48 + "\nxx"


def test_alignment_counts_at_the_beginning_of_a_line():
    lines = Bench().text(b"\x1ba\x01abcd\n\x1ba\x02abcd\nab\x1ba\x00cd\nx\n").splitlines()
    assert lines == [" " * 14 + "abcd", " " * 28 + "abcd", " " * 28 + "abcd", " " * 31 + "x"]


@pytest.mark.parametrize("command, width, height", [
    (b"", 1, 1), (b"\x1d!\x10", 2, 1), (b"\x1d!\x01", 1, 2), (b"\x1d!\x77", 8, 8), (b"\x1b!\x30", 2, 2)])
def test_sizes_are_whole_multiples(command, width, height):
    plain, large = ink(Bench().receipt(b"H\n").image), ink(Bench().receipt(command + b"H\n").image)
    assert (large[2] - large[0], large[3] - large[1]) == ((plain[2] - plain[0]) * width, (plain[3] - plain[1]) * height)


def test_bold_underline_and_inverse_burn_more():
    def dots(command):
        return Bench().receipt(command + b"  Hello  \n").image.histogram()[0]
    plain = dots(b"")
    assert plain < dots(b"\x1bE\x01") == dots(b"\x1bG\x01") < dots(b"\x1dB\x01")
    assert dots(b"\x1b-\x01") > plain
    assert dots(b"\x1b-2") > dots(b"\x1b-1")
    assert dots(b"\x1bE\x01\x1dB\x01\x1b@") == plain


def test_code_pages_and_national_sets():
    assert Bench().text(b"\x1bt\x13" + "é è ä ö ü ß ñ ç ° € £".encode("cp858") + b"\n") == "é è ä ö ü ß ñ ç ° € £"
    assert Bench().text(b"\x1bt\x00" + "é ä °".encode("cp437") + b"\n") == "é ä °"
    assert Bench().text(b"\x1bR\x02[\\]{|}~\n") == "ÄÖÜäöüß"


def gb(text):
    return b"\x1c&" + text.encode("gb18030") + b"\x1c."


def test_chinese_takes_two_columns_between_fs_and_and_fs_dot():
    assert Bench().text(gb("交易成功") + b" OK\n") == "交易成功 OK"
    assert Bench().text(gb("中") * 20 + b"\n").split("\n") == ["中" * 16, "中" * 4]
    assert Bench().text(b"\x1c&\x1ba\x01" + "中文abc".encode("gb18030") + b"\n") == " " * 12 + "中文abc"
    assert Bench().text(b"\x1c&\xd6\xd0\x1c.\x1bt\x10\xe9\n") == "中é"
    assert Bench().text(b"\x1c&\xd6\xd0\x1b@\x1bt\x10\xe9\n") == "é"          # ESC @ ends it, and forgets the line


def test_four_bytes_of_gb18030_are_one_character_and_half_of_one_stops_nothing():
    code = "㐁".encode("gb18030")
    assert len(code) == 4 and Bench().text(b"\x1c&" + code + b"x\n") == "㐁x"
    bench = Bench()
    bench.send(b"\x1c&\xd6\x1b@\xff\x80\n\x1b@next\n")
    assert bench.printer.sheet.lines[-1] == "next"


@pytest.mark.parametrize("command, wide, high", [
    (b"\x1c!\x04", 2, 1), (b"\x1c!\x08", 1, 2), (b"\x1d!\x11", 2, 2), (b"\x1cW\x01", 2, 2), (b"\x1d!\x11\x1c!\x00", 1, 1), (b"\x1b!\x30", 1, 1)])
def test_chinese_sizes_are_those_of_the_command_that_came_last(command, wide, high):
    plain, large = ink(Bench().receipt(gb("国") + b"\n").image), ink(Bench().receipt(command + gb("国") + b"\n").image)
    assert (large[2] - large[0], large[3] - large[1]) == ((plain[2] - plain[0]) * wide, (plain[3] - plain[1]) * high)


def test_bold_and_underline_of_chinese_burn_more_and_an_unknown_character_is_a_box():
    def dots(command, text="密码"):
        return Bench().receipt(command + gb(text) + b"\n").image.histogram()[0]
    plain = dots(b"")
    assert 0 < plain < dots(b"\x1bE\x01") and plain < dots(b"\x1c-\x01") and plain < dots(b"\x1c!\x80")
    assert ink(Bench().receipt(b"\x1c&\xfe\xfe\n").image) is not None


def test_every_character_of_the_western_page_is_drawn_and_differs():
    cells = [Bench().receipt(b"\x1bt\x13" + bytes((code,)) + b"\n").image.crop((0, 0, 12, 24)) for code in range(0x21, 0x7F)]
    assert len({cell.tobytes() for cell in cells}) == 0x7F - 0x21


def test_feeds_and_spacing_move_the_paper_by_their_dots():
    assert Bench().receipt(b"a\n").image.height == 30
    assert Bench().receipt(b"\x1b3\x50a\nb\n").image.height == 160
    assert Bench().receipt(b"a\n\x1bd\x03").image.height == 120
    assert Bench().receipt(b"a\n\x1bJ\x07").image.height == 37
    assert Bench().receipt(b"a\x1bJ\x07").image.height == 31


def test_every_form_of_cut():
    for cut in (b"\x1dV\x00", b"\x1dV\x01", b"\x1dV0", b"\x1dV1", b"\x1dVA\x05", b"\x1dVB\x05", b"\x1bi", b"\x1bm"):
        bench = Bench()
        bench.send(b"a\n" + cut)
        assert [receipt.text for receipt in bench.printer.receipts] == ["a"], cut
    bench = Bench()
    bench.send(CUT)
    assert bench.printer.receipts == []


def test_upside_down_turns_the_line():
    plain, turned = (ink(Bench().receipt(command + b"L\n").image) for command in (b"", b"\x1b{\x01"))
    assert turned[2] == 384 - plain[0]


def test_tabs_and_positions():
    assert Bench().text(b"a\tb\tc\n") == "a       b       c"
    assert Bench().text(b"\x1bD\x04\x0a\x00a\tb\tc\n") == "a   b     c"
    assert ink(Bench().receipt(b"\x1b$\x60\x00H\n").image)[0] == 96 + ink(Bench().receipt(b"H\n").image)[0]


def test_raster_and_column_images_are_dot_for_dot():
    square = b"\x1dv0\x00\x02\x00\x08\x00" + b"\x80\x01" * 8
    image = Bench().receipt(square).image
    assert (image.height, ink(image)) == (8, (0, 0, 16, 8))
    assert image.histogram()[0] == 16
    assert Bench().receipt(square[:3] + b"\x03" + square[4:]).image.histogram()[0] == 64
    assert ink(Bench().receipt(b"\x1b*\x21\x03\x00" + b"\xff\xff\xff" * 3 + b"\n").image) == (0, 0, 3, 24)
    assert Bench().text(square) == "[image 16x8]"


def codes(receipt, tmp_path):
    path = str(tmp_path / "receipt.png")
    receipt.png(path)
    return {(str(found.format), found.text) for found in zxingcpp.read_barcodes(Image.open(path))}


def qr(data, size=4, level=49):
    return (b"\x1d(k\x03\x001C" + bytes((size,)) + b"\x1d(k\x03\x001E" + bytes((level,))
            + b"\x1d(k" + (len(data) + 3).to_bytes(2, "little") + b"1P0" + data + b"\x1d(k\x03\x001Q0")


def test_a_qr_code_reads_back(tmp_path):
    receipt = Bench().receipt(b"\x1ba\x01" + qr(b"https://example.org/r?a=1&b=2"))
    assert codes(receipt, tmp_path) == {("QR Code", "https://example.org/r?a=1&b=2")}
    assert receipt.text.strip() == "[QR https://example.org/r?a=1&b=2]"


@pytest.mark.parametrize("command, name, text", [
    (b"\x1dkI\x0a{BTILL-123", "Code 128", "TILL-123"),
    (b"\x1dkI\x08{C\x0c\x22\x38{BA", "Code 128", "123456A"),
    (b"\x1dkE\x08TILL 123", "Code 39", "TILL 123"),
    (b"\x1dk\x04TILL123\x00", "Code 39", "TILL123"),
    (b"\x1dkC\x0c400638133393", "EAN-13", "4006381333931"),
    (b"\x1dk\x03" + b"4012345\x00", "EAN-8", "40123455"),
    (b"\x1dkA\x0b03600029145", "EAN-13", "0036000291452"),
    (b"\x1dkF\x0812345678", "ITF", "12345678"),
])
def test_bar_codes_read_back(tmp_path, command, name, text):
    found = codes(Bench().receipt(b"\x1dw\x02\x1dH\x02\x1ba\x01" + command + b"\n"), tmp_path)
    assert found == {(name, text)}


def test_what_no_bar_code_can_carry_prints_nothing():
    for command in (b"\x1dkC\x0c4006381333AB", b"\x1dk\x024006381333932\x00", b"\x1dkI\x05{C\xff{B", b"\x1dkI\x04{Zab", b"\x1dkH\x03abc"):
        assert Bench().text(command + b"next\n").strip() == "next"


def test_a_code_too_wide_for_the_paper_is_left_out():
    assert Bench().text(b"\x1dw\x06\x1dkI\x10{BABCDEFGHIJKLMNnext\n").strip() == "next"


# --- status and sensors

def test_real_time_status_by_state():
    bench = Bench()

    def ask():
        return [bench.send(b"\x10\x04" + bytes((n,)))[0] for n in (1, 2, 3, 4)]
    assert ask() == [0x12, 0x12, 0x12, 0x12]
    bench.printer.near_end()
    assert (ask(), bench.printer.paper) == ([0x12, 0x12, 0x12, 0x1E], NEAR_END)
    bench.printer.paper_out()
    assert (ask(), bench.printer.paper) == ([0x1A, 0x32, 0x12, 0x7E], OUT)
    bench.printer.reload()
    assert bench.printer.paper == OK
    bench.printer.open_cover()
    assert ask() == [0x1A, 0x16, 0x12, 0x12]
    bench.printer.close_cover()
    bench.printer.set_head_c(70)
    assert ask() == [0x1A, 0x52, 0x52, 0x12]
    bench.printer.set_head_c(62)
    assert ask()[0] == 0x1A
    bench.printer.set_head_c(59)
    assert ask()[0] == 0x12
    bench.printer.jam_cutter()
    assert ask() == [0x1A, 0x52, 0x1A, 0x12]
    bench.send(b"\x10\x05\x02")
    assert ask()[0] == 0x12


def test_status_is_told_amid_data_and_does_not_reach_the_paper():
    bench = Bench()
    bench.printer.paper_out()
    assert bench.send(b"abc\x10\x04\x04def\n" + CUT) == b"\x7e"
    assert bench.printer.waiting > 0
    bench.printer.reload()
    bench.send(b"")
    assert bench.printer.receipts[0].text == "abcdef"


def test_a_picture_that_holds_the_status_bytes_is_still_whole():
    bench = Bench()
    assert bench.send(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01" + CUT) == b"\x12"
    assert bench.printer.receipts[0].image.height == 1


def test_without_paper_it_waits_and_goes_on_when_reloaded():
    bench = Bench()
    bench.printer.set_roll(left_mm=20, near_mm=8)
    bench.send("".join(f"line {i}\n" for i in range(12)).encode() + CUT)
    assert (bench.printer.paper, bench.printer.receipts) == (OUT, [])
    printed = bench.printer.sheet.lines
    assert 0 < len(printed) < 12
    bench.printer.reload()
    bench.send(b"")
    assert bench.printer.receipts[0].text.splitlines() == [f"line {i}" for i in range(12)]


def test_printing_takes_its_time():
    bench = Bench(mm_s=60)
    bench.line.from_host(b"a\n" * 10)
    bench.world.run_until(200_000)
    assert 0 < len(bench.printer.sheet.lines) < 5
    while not bench.printer.idle:
        bench.world.run_until(bench.world.now + 1_000)
    assert 600_000 < bench.world.now < 640_000              # 10 lines of 30 dots at 480 dots a second


def test_a_full_buffer_loses_what_comes_after():
    bench = Bench(buffer=100)
    bench.printer.open_cover()
    bench.send(b"x" * 150)
    assert (bench.printer.lost_bytes, bench.printer.waiting, bench.printer.busy) == (50, 100, True)


def test_automatic_status_tells_each_change():
    bench = Bench()
    assert bench.send(b"\x1da\x0f") == bytes.fromhex("1000000f")
    bench.printer.near_end()
    bench.printer.open_cover()
    assert bench.send(b"") == bytes.fromhex("1000030f" + "3800030f")
    bench.printer.close_cover()
    bench.send(b"\x1da\x00")
    bench.printer.paper_out()
    assert bench.send(b"") == b""


def test_gs_r_and_identity():
    bench = Bench()
    assert bench.send(b"\x1dr\x01\x1dr1\x1dr\x02") == b"\x00\x00\x00"
    bench.printer.near_end()
    assert bench.send(b"\x1dr\x01") == b"\x03"
    assert bench.send(b"\x1dI\x01\x1dIB") == b"\x20_MICROTILL\x00"


def test_the_drawer_opens_in_order_and_in_real_time():
    bench = Bench()
    bench.send(b"\x1bp\x0022\x1bp\x01\x0a\x0a")
    assert [kick[1:] for kick in bench.printer.drawer] == [(0, 100), (1, 20)]
    bench.printer.paper_out()
    bench.send(b"\x10\x14\x01\x00\x01")
    assert bench.printer.drawer[-1][1] == 0
    bench.printer.reload()
    assert Bench().text(b"a\x10\x14\x01\x00\x01b\n") == "ab"


def test_deaf_and_wrong_rate_say_nothing():
    bench = Bench()
    bench.line.open(9600, 4096)
    assert bench.send(b"\x10\x04\x01") == b""
    bench.line.open(115200, 4096)
    bench.printer.deaf = True
    assert bench.send(b"\x10\x04\x01") == b""
    bench.printer.deaf = False
    assert bench.send(b"\x10\x04\x01") == b"\x12"


def test_power_off_forgets_modes_and_buffer_but_not_the_paper():
    bench = Bench()
    bench.send(b"\x1bE\x01\x1ba\x01" + b"kept\n\x1dv0\x00\x30")
    bench.printer.power_on()
    assert bench.text(b"after\n") == " " * 14 + "kept\nafter"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from(LEADS)), max_size=12))
def test_no_bytes_disturb_it_for_good(pieces):
    bench = Bench()
    bench.send(b"".join(pieces))
    assert bench.send(b"\x10\x04\x01")[-1:] == b"\x12"
    bench.printer.power_on()
    bench.printer.sheet.clear()
    assert bench.text(b"still here\n") == "still here"
