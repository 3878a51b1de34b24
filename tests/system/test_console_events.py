# test_console_events.py: what a window is told, as it happens; two windows, a closed one, a slow one.
import asyncio
import base64
import io
import socket
import time

import pytest
from console_rig import Console, kinds, pay
from PIL import Image

from microtill.console.events import QUEUE, Hub


@pytest.fixture
def console():
    with Console() as console:
        console.ready()
        yield console


def since_the_first_act(events):
    """Without what a window may have been told before the other one was there."""
    return events[next(n for n, event in enumerate(events) if event["event"] == "row" and event["row"]["kind"] == "act"):]


def test_two_windows_get_the_same_events_and_these_tell_the_whole_payment(console):
    def act():
        pay(console.till)
        console.till.environment(lux=40)
        console.till.fault("power_off")

    def enough(events):
        return any(event["event"] == "power" for event in events)
    one, two = (since_the_first_act(events) for events in console.windows(act, enough, count=2))
    same = min(len(one), len(two))
    assert one[:same] == two[:same] and same > 50
    assert kinds(one) == {"screen", "lights", "tone", "paper", "row", "time", "environment", "power", "field"} - ({"lights"} - kinds(one))
    assert any("Approved" in event["text"] for event in one if event["event"] == "screen")
    assert [event["in_field"] for event in one if event["event"] == "field"] == [["visa"], []]
    numbers = [event["row"]["n"] for event in one if event["event"] == "row"]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all(len(base64.b64decode(event["dots"])) == 1024 for event in one if event["event"] == "screen")


def test_the_strips_of_a_paper_are_the_paper(console):
    def enough(events):
        return any(event["event"] == "paper" and event["cut"] for event in events)
    events, = console.windows(lambda: pay(console.till), enough)
    papers = [event for event in events if event["event"] == "paper"]
    strips = [Image.open(io.BytesIO(base64.b64decode(event["png"]))) for event in papers if "png" in event]
    receipt = console.session.watch.pictures[0]
    assert papers[-1] == {**papers[-1], "rows": 0, "cut": True, "papers": 1}
    whole = Image.new("1", (receipt.image.width, receipt.image.height), 1)
    y = 0
    for strip in strips:
        whole.paste(strip, (0, y))
        y += strip.height
    assert y == receipt.image.height and whole.tobytes() == receipt.image.convert("1").tobytes()


def test_the_dots_of_a_screen_are_what_the_eye_sees(console):
    state = console.till.state()["screen"]
    dots, pixels = base64.b64decode(state["dots"]), console.session.call(console.bench.screen.pixels)
    assert [dots[(y >> 3) * 128 + x] >> (y & 7) & 1 for y in range(64) for x in range(128)] == list(pixels)


def test_a_key_is_on_the_display_of_a_window_at_once(console):
    console.till.time(pace="real")
    began = []

    def act():
        began.append(time.monotonic())
        console.till.key("8")
    console.windows(act, lambda events: any("0.08" in event.get("text", "") for event in events))
    assert time.monotonic() - began[0] < 5


def test_a_window_that_closes_stops_nothing(console):
    console.windows(lambda: console.till.keys("1"), lambda events: any(event["event"] == "row" for event in events))
    assert console.till.wait(lambda: console.till.get("health")["windows"] == 0, 20, "the window to be gone")
    console.till.wait_screen("0.01")
    console.till.keys("A")
    pay(console.till)


def test_a_window_that_dies_without_a_word_stops_nothing(console):
    link = socket.create_connection(("127.0.0.1", console.server.port), 10)
    link.sendall(("GET /events?token=%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" % (
                      console.server.token, console.server.port)).encode())
    assert link.recv(100).startswith(b"HTTP/1.1 101")
    link.close()
    pay(console.till)


def test_the_time_is_told_while_it_runs_and_at_each_change(console):
    times, = console.windows(lambda: console.till.time(pace="paused"), lambda events: any(event.get("pace") == "paused" for event in events))
    assert {"at_ms", "at", "pace"} <= set(times[-1])
    many, = console.windows(lambda: console.till.time(pace="x10"), lambda events: len([e for e in events if e["event"] == "time"]) > 4)
    told = [event["at_ms"] for event in many if event["event"] == "time"]
    assert told == sorted(told)


def test_a_window_that_does_not_keep_up_is_dropped_alone():
    async def run():
        hub = Hub(asyncio.get_running_loop())
        slow, quick = hub.join(), hub.join()
        for n in range(QUEUE + 5):
            hub.hear({"event": "row", "n": n})
            await asyncio.sleep(0)
            if not quick.empty():
                quick.get_nowait()
        await asyncio.sleep(0)
        assert slow.qsize() == 1 and slow.get_nowait() is None and hub.windows == 1
    asyncio.run(run())
