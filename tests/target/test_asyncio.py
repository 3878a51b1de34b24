# test_asyncio.py: the one scheduler: who runs when, what a cancel does, that a deadline spends itself, that a flag and a lock keep their word.
import asyncio
import time

from check import fails, measure, near

from till.core.deadline import Deadline, Within
from till.core.errors import TimedOut


async def test_sleepers_wake_in_the_order_of_their_times():
    woken = []

    async def sleeper(ms):
        await asyncio.sleep_ms(ms)
        woken.append(ms)
    await asyncio.gather(*(sleeper(ms) for ms in (50, 10, 30, 20, 40)))
    assert woken == [10, 20, 30, 40, 50]


async def test_a_sleep_takes_as_long_as_it_says():
    began = time.ticks_ms()
    await asyncio.sleep_ms(250)
    measure("sleep of 250 ms", time.ticks_diff(time.ticks_ms(), began), "ms", 250, 256)


async def test_a_cancelled_task_runs_its_finally_and_no_more():
    seen = []

    async def work():
        try:
            seen.append("began")
            await asyncio.sleep_ms(1000)
            seen.append("never")
        finally:
            seen.append("tidied")
    task = asyncio.create_task(work())
    await asyncio.sleep_ms(5)
    task.cancel()
    await fails(asyncio.CancelledError, task)
    assert seen == ["began", "tidied"]


async def test_one_deadline_is_spent_by_every_wait_under_it():
    deadline = Deadline(100)
    await asyncio.sleep_ms(60)
    assert near(deadline.left_ms(), 40, 3)
    await asyncio.sleep_ms(60)
    assert deadline.left_ms() == 0


async def test_a_block_ends_with_timed_out_at_its_deadline():
    began = time.ticks_ms()

    async def block():
        async with Within(Deadline(80)):
            await asyncio.sleep_ms(5000)
    error = await fails(TimedOut, block())
    assert error.code == "T01"
    assert near(time.ticks_diff(time.ticks_ms(), began), 80, 5)


async def test_a_cancel_from_elsewhere_passes_through_a_deadline():
    async def block():
        async with Within(Deadline(5000)):
            await asyncio.sleep_ms(4000)
    task = asyncio.create_task(block())
    await asyncio.sleep_ms(10)
    task.cancel()
    await fails(asyncio.CancelledError, task)


async def test_a_flag_that_was_set_before_is_not_lost():
    flag = asyncio.ThreadSafeFlag()
    flag.set()
    await asyncio.wait_for_ms(flag.wait(), 50)
    await fails(asyncio.TimeoutError, asyncio.wait_for_ms(flag.wait(), 20))


async def test_a_lock_is_handed_on_in_turn():
    lock, order = asyncio.Lock(), []

    async def work(name):
        async with lock:
            order.append(name)
            await asyncio.sleep_ms(5)
            order.append(name)
    await asyncio.gather(work("a"), work("b"), work("c"))
    assert order == ["a", "a", "b", "b", "c", "c"]


async def test_a_lock_is_free_again_after_its_holder_was_cancelled():
    lock = asyncio.Lock()

    async def hold():
        async with lock:
            await asyncio.sleep_ms(5000)
    task = asyncio.create_task(hold())
    await asyncio.sleep_ms(5)
    assert lock.locked()
    task.cancel()
    await fails(asyncio.CancelledError, task)
    assert not lock.locked()


async def test_an_error_in_one_task_leaves_the_others_alone():
    done = []

    async def breaks():
        raise ValueError("x")

    async def goes_on():
        await asyncio.sleep_ms(20)
        done.append(1)
    other = asyncio.create_task(goes_on())
    await fails(ValueError, asyncio.create_task(breaks()))
    await other
    assert done == [1]
