# test_keypad.py: the keypad's driver on bouncing contacts: one press, one key.
import asyncio

from check import ask, fails

import board

needs = ("keypad",)


async def typed(keys):
    pad = board.keypad()
    ask("press " + keys)
    seen = ""
    while len(seen) < len(keys):
        seen += await pad.key()
    return seen


async def test_an_amount_is_typed_as_it_was_pressed():
    assert await typed("1250#") == "1250#"


async def test_every_key_is_the_one_that_its_print_says():
    assert await typed("123A456B789C*0#D") == "123A456B789C*0#D"


async def test_a_key_pressed_twice_counts_twice():
    assert await typed("5500") == "5500"


async def test_nobody_at_the_keypad_is_no_key():
    await fails(asyncio.TimeoutError, asyncio.wait_for_ms(board.keypad().key(), 2000))
