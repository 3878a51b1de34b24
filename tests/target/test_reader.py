# test_reader.py: the PN532's driver: a tap on the bench's reader, an empty field, a reader that is not there.
from check import ask, fails, measure

import time

import board

needs = ("reader",)


async def test_a_reader_says_what_it_is():
    version = await board.reader().firmware_version()
    assert bytes(version)[:1] == b"\x32"


async def test_a_card_that_is_held_there_is_found_and_answers():
    reader = board.reader()
    await reader.configure()
    ask("card")
    card = await reader.find(500)
    assert (card.count, bytes(card.uid), card.iso_dep) == (1, b"\x5a\x01\x02\x03", True)
    assert bytes(await reader.exchange(b"\x00\xa4\x04\x00")) == b"\x00\x04\xa4\x00\x90\x00"


async def test_an_empty_field_is_no_card_and_takes_its_time():
    reader = board.reader()
    await reader.configure()
    began = time.ticks_ms()
    assert await reader.find(300) is None
    measure("an empty field, asked for 300 ms", time.ticks_diff(time.ticks_ms(), began), "ms", 250, 400)


async def test_a_card_that_left_is_told_by_a_code():
    reader = board.reader()
    await reader.configure()
    ask("card")
    assert await reader.find(500)
    ask("card leaves")
    error = await fails(board.reader_error, reader.exchange(b"\x00\xa4\x04\x00"))
    assert error.code == "card_gone"
    ask("card")
    assert await reader.find(500)


async def test_a_command_and_its_answer_take_as_long_as_their_wire():
    reader = board.reader()
    await reader.configure()
    ask("card")
    await reader.find(500)
    began = time.ticks_us()
    await reader.exchange(bytes(64))
    measure("exchange of 64 bytes", time.ticks_diff(time.ticks_us(), began), "us", 10_000, 40_000)
