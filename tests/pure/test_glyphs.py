# test_glyphs.py: the table of glyphs that is built into the firmware, letters that travel in parameters, and a build without the font.
import random
import sys
import types
from pathlib import Path

import pytest
from till.ui import letters

from microtill import glyphs
from microtill.bench import firmware, ocr

sys.path.append(str(Path(__file__).resolve().parents[1] / "system"))
import drawn  # noqa: E402


@pytest.fixture
def font():
    return drawn.needs_font()


@pytest.fixture
def table(font, monkeypatch):
    """The built module, in force."""
    made = types.ModuleType("glyphs")
    exec(glyphs.module(glyphs.languages().values()), made.__dict__)
    monkeypatch.setattr(letters, "_built", [made])
    return made


def test_the_table_is_constants_in_order_and_finds_every_character(table, font):
    used = glyphs.beyond_ascii("".join(glyphs.languages().values()))
    assert len(used) > 250 and len(table.CODES) == 2 * len(used) and len(table.DATA) == 32 * len(used) and len(table.ASCII) == 95 * 16
    for char in used:
        assert letters.glyph(char, {}) == font.glyph(char), char
        assert len(letters.glyph(char, {})) == (32 if letters.width(char) == 2 else 16)
        assert letters.gb18030(char, {}) == char.encode("gb18030"), char
    assert all(letters.glyph(char, {}) == font.glyph(char) for char in glyphs.ASCII)
    lacking = next(chr(code) for code in range(0x4E00, 0x5000) if chr(code) not in used)
    assert letters.glyph(lacking, {}) is None is letters.gb18030(lacking, {})


def test_letters_of_an_owner_s_own_texts_are_found_beside_the_table(table, font):
    own = glyphs.letters(["微讯茶馆 Café Bar €"])
    assert sorted(own) == sorted("微讯茶馆é€")
    assert all(letters.glyph(char, own) == font.glyph(char) for char in own)
    assert letters.gb18030("馆", own) == "馆".encode("gbk")
    assert glyphs.letters(["plain"]) == {}
    with pytest.raises(glyphs.BadGlyph):
        glyphs.letters(["\U0001f600"])


@pytest.mark.parametrize("value", ["", ":", "b9dd", "xyz:12", "b9:" + "0" * 63, "b9dd" * 9 + ":" + "00" * 16, "b9dd:" + "zz" * 32])
def test_a_letter_written_wrongly_is_no_letter(value):
    assert letters.glyph("馆", {"馆": value}) is None
    assert letters.gb18030("馆", {"馆": value}) in (None, b"\xb9\xdd")


def test_page_1252_is_the_one_that_python_knows():
    for code in range(0x20, 0x100):
        char = bytes((code,)).decode("cp1252", "replace")
        if char not in "\ufffd\x7f":
            assert letters.page_1252(char) == code, char
    assert [char for char in "\0\x7f\x81微Ā" if letters.page_1252(char) is not None] == []


def test_a_glyph_takes_the_width_of_its_character(font):
    assert len(font.glyph("…")) == 16 and len(font.glyph("，")) == 32 and font.glyph("\ue000") is None
    assert glyphs._fitted(b"\x18" * 16, True) == b"\x01\x80" * 16 and glyphs._fitted(b"\x03\xc0" * 16, False) == b"\x18" * 16


def test_no_two_characters_in_use_look_alike(font):
    narrow, wide = ocr._tall(False)
    used = glyphs.beyond_ascii("".join(glyphs.languages().values()))
    assert {char for char in used if letters.width(char) == 2} <= set(wide.values())
    halves = {tuple(row >> 8 for row in rows) for rows in wide} & set(narrow)
    both = [char for rows, char in wide.items() if tuple(row >> 8 for row in rows) in halves and tuple(row & 255 for row in rows) in narrow]
    assert both == []


def test_without_the_font_english_remains_and_nothing_is_large(tmp_path, monkeypatch):
    with_font = firmware.tree_hash()
    built = drawn.build(tmp_path, monkeypatch, without_font=True)
    assert {path.stem for path in (built / glyphs.LANGUAGES).glob("*.mpy")} == {"__init__", "en"}
    assert not (built / glyphs.MODULE).with_suffix(".mpy").exists()
    assert glyphs.PLACES and (built.name != with_font or not any(place.exists() for place in glyphs.PLACES))
    for name, rows, _, _, _ in drawn.screens("en", large=True, own={}):
        assert not any(row.startswith("|") for row in rows), name


def test_what_is_drawn_reads_back(font):
    """Random rows of characters in use, of every style, through the firmware's screen and the display, by the reader of pixels."""
    chance = random.Random(5)
    hanzi = [char for char in glyphs.beyond_ascii("".join(glyphs.languages().values())) if letters.width(char) == 2]

    def text(columns, chars):
        out = chance.choice(hanzi if chars is not None else "ABCxyz019")
        while letters.width(out) < chance.randrange(1, columns + 1):
            char = chance.choice(chars or glyphs.ASCII)
            if letters.width(out + char) > columns:
                break
            out += char
        return out.strip()

    def picture():
        styles = [("|", 16, hanzi), ("|=", 16, hanzi), ("|", 16, None), ("|=", 16, None), ("|!", 8, None), ("!", 16, None), ("", 16, None),
                  ("=", 16, None)]
        rows, high = [], 0
        while high < 64:
            style, columns, chars = chance.choice(styles if high < 56 else styles[-2:])
            high += 8 if style in ("", "=") else 16
            body = text(columns, chars and hanzi + list(glyphs.ASCII))
            rows.append(style + body if style or body[:1] not in "=!|" else "x")
        return rows

    pictures = [picture() for _ in range(250)]
    assert drawn.read_back(pictures) == [[words(row) for row in rows] for rows in pictures]


def words(row):
    """A row without its style."""
    if row[:1] == "|":
        row = row[1:]
    return (row[1:] if row[:1] in ("=", "!") else row).strip()


def test_a_dimmed_display_stays_dim_when_it_comes_back_and_death_is_told_once(font):
    rig = drawn.DriverRig()
    levels = []
    chips = dict(rig.i2c[0].chips)
    rig.when("look", lambda: levels.append(rig.screen.contrast)).when("pull", rig.i2c[0].chips.clear).when("plug", rig.i2c[0].chips.update, chips)
    said = rig.run(drawn.SCREEN, """
from till.devices.screen import Screen
async def main():
    heard = []
    owner = Screen(screen, ScreenError, {}, lambda origin, name: heard.append(name))
    running = asyncio.create_task(owner.run())
    for step in (lambda: owner.show(["one"]), lambda: owner.dim(True), lambda: say("pull"), lambda: owner.show(["two"]),
                 lambda: owner.show(["three"]), lambda: say("plug"), lambda: owner.show(["four"]), lambda: owner.dim(False)):
        step()
        await asyncio.sleep_ms(100)
        say("look")
    say(heard, owner.works)
    running.cancel()
""")
    assert said[-1] == "['screen_dead', 'screen_back'] True"
    assert levels == [0xCF, 0x08, 0x08, 0x08, 0x08, 0x08, 0x08, 0xCF]
