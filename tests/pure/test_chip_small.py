# test_chip_small.py: keypad, display and lights at their wires.
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from microtill.bench.chips.keypad import Keypad
from microtill.bench.chips.lights import Lights
from microtill.bench.chips.ssd1306 import SSD1306
from microtill.bench.wires import Pins
from microtill.bench.world import World

ROWS, COLUMNS = (0, 1, 2, 3), (4, 5, 6, 7)
START = bytes.fromhex("00ae20004021007f220007a1c8a83f8d1481cfa4a6af")


class Pad:
    def __init__(self, seed=1):
        self.world, self.edges = World(), []
        self.pins = Pins(self.edges)
        self.pad = Keypad(self.world, ROWS, COLUMNS, Random(seed))
        self.pins.attach(self.pad)

    def scan(self):
        """Keys that read as closed, row by row."""
        found = set()
        for r, row in enumerate(ROWS):
            for other in ROWS:
                self.pins.set(other, 0 if other == row else 1)
            found |= {r * 4 + c for c, column in enumerate(COLUMNS) if self.pins.level(column) == 0}
        return found


def test_a_key_is_seen_in_its_row_and_column_while_held():
    pad = Pad()
    pad.pad.press(6, 50_000)
    pad.world.run_until(20_000)
    assert pad.scan() == {6}
    pad.world.run_until(100_000)
    assert pad.scan() == set()


def test_contacts_bounce_at_both_ends():
    pad = Pad()
    for row in ROWS:
        pad.pins.set(row, 0)
    pad.pins.subscribe(COLUMNS[2], 3)
    pad.pad.press(6, 50_000)
    pad.world.run_until(25_000)
    closing = len(pad.edges)
    pad.world.run_until(100_000)
    assert closing >= 5
    assert len(pad.edges) - closing >= 4
    assert pad.edges[-1] == (COLUMNS[2], 1)


def test_the_same_seed_bounces_alike():
    def levels(seed):
        pad = Pad(seed)
        for row in ROWS:
            pad.pins.set(row, 0)
        pad.pins.subscribe(COLUMNS[0], 3)
        pad.pad.press(0, 30_000)
        seen = []
        while pad.world.next_us() is not None:
            pad.world.step()
            seen.append((pad.world.now, pad.pins.level(COLUMNS[0])))
        return seen
    assert levels(3) == levels(3) != levels(4)


def test_three_corners_make_a_ghost_of_the_fourth():
    pad = Pad()
    for key in (0, 1, 4):
        pad.pad.stuck(key)
    assert pad.scan() == {0, 1, 4, 5}
    pad.pad.release_all()
    assert pad.scan() == set()


@given(st.sets(st.integers(0, 15), max_size=2))
def test_two_keys_never_make_a_ghost(keys):
    pad = Pad()
    for key in keys:
        pad.pad.stuck(key)
    assert pad.scan() == keys


def test_a_stuck_key_outlives_a_power_cut_and_a_finger_does_not():
    pad = Pad()
    pad.pad.stuck(3)
    pad.pad.press(9, 1_000_000)
    pad.world.run_until(50_000)
    pad.world.clear()
    pad.pad.power_on()
    assert pad.scan() == {3}


# --- display

def display(*writes):
    chip = SSD1306(World())
    for data in (START, *writes):
        chip.write(data)
    return chip


def lit(chip):
    dots = chip.pixels()
    return {(at % 128, at // 128) for at, dot in enumerate(dots) if dot}


def test_dark_until_display_and_charge_pump_are_on():
    chip = SSD1306(World())
    chip.gddram[:] = b"\xff" * 1024
    assert (chip.lit, sum(chip.pixels())) == (False, 0)
    chip.write(b"\x00\xaf")
    assert not chip.lit
    chip.write(b"\x00\x8d\x14")
    assert (chip.lit, sum(chip.pixels())) == (True, 8192)
    assert chip.read(1) == b"\x00"


def test_horizontal_mode_fills_a_page_then_the_next():
    chip = display(b"\x40" + bytes(127) + b"\x01" + b"\x80")
    assert lit(chip) == {(127, 0), (0, 15)}


def test_vertical_mode_fills_a_column_then_the_next():
    assert lit(display(b"\x00\x20\x01", b"\x40" + bytes(7) + b"\x80\x01")) == {(0, 63), (1, 0)}


def test_a_window_wraps_in_itself():
    chip = display(bytes.fromhex("00210a0b220102"), b"\x40" + b"\x01" * 4 + b"\x03")
    assert lit(chip) == {(10, 8), (11, 8), (10, 16), (11, 16), (10, 9)}


def test_page_mode_with_column_nibbles_and_wrap():
    chip = display(bytes.fromhex("002002b30f17"), b"\x40\x01\x01")
    assert lit(chip) == {(127, 24), (0, 24)}


def test_co_bit_mixes_commands_and_data():
    assert lit(display(b"\x80\xb2\x80\x20\x80\x02\xc0\x01\x40\x01")) == {(0, 16), (1, 16)}


def test_remap_scan_start_line_and_inverse_change_the_picture():
    assert lit(display(b"\x40\x01", b"\x00\xa0")) == {(127, 0)}
    assert lit(display(b"\x40\x01", b"\x00\xc0")) == {(0, 63)}
    assert lit(display(b"\x40\x01", b"\x00\x48")) == {(0, 56)}
    assert sum(display(b"\x40\x01", b"\x00\xa7").pixels()) == 8191
    assert sum(display(b"\x00\xa5").pixels()) == 8192
    assert sum(display(b"\x00\xa8\x1f\xa5").pixels()) == 32 * 128


def test_changes_are_told_once_a_write_and_only_when_seen():
    chip, told = display(), []
    chip.on_change = lambda: told.append(chip.bytes_in)
    chip.write(b"\x40\x0f")
    chip.write(b"\x00\x21\x00\x7f")
    chip.write(b"\x40\x0f")
    chip.write(b"\x00\x81\x10")
    assert len(told) == 2


def test_the_picture_shows_lit_and_unlit_dots():
    image = display(b"\x40\x01").image(scale=4, border=10)
    assert image.size == (128 * 4 + 20, 64 * 4 + 20)
    bright, dim, glass = (sum(image.getpixel(at)) for at in ((11, 11), (300, 150), (2, 100)))
    assert bright > 3 * dim > 3 * glass


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=12))
def test_no_bytes_disturb_the_display_for_good(writes):
    chip = display(*writes)
    chip.write(b"\x00" + b"\xe3" * 8)
    chip.power_on()
    chip.gddram[:] = bytes(1024)
    chip.write(START)
    chip.write(b"\x40\x01")
    assert lit(chip) == {(0, 0)}


# --- lights

def test_lights_follow_their_pins_and_keep_what_they_saw():
    world = World()
    pins, lights = Pins([]), Lights(world, {"red": 20, "green": 21})
    pins.attach(lights, watches=lights.watched)
    pins.set(20, 1)
    world.run_until(500)
    pins.set(20, 0)
    pins.set(21, 1)
    assert lights.state == {"red": False, "green": True}
    assert lights.transitions == [(0, "red", True), (500, "red", False), (500, "green", True)]
    lights.power_on()
    assert lights.state == {"red": False, "green": False}
