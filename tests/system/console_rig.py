# console_rig.py: a console on a free port in this very process, for tests: its client, its raw answers, its windows. Ends with the `with` block.
import asyncio
import http.client
import json
import threading

import aiohttp

from microtill.client import Till
from microtill.console.server import HOST, Server


class Console:
    """`till`: the client; `server.session` is the live bench. Every wait has a limit that a slow machine keeps."""

    def __init__(self, **options):
        self.server, self._loop = Server(**options), asyncio.new_event_loop()
        self._began, self._stop = threading.Event(), None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._began.wait(60)
        self.till = Till.connect(self.server.url)
        return self

    def __exit__(self, *error):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _work(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self):
        self._stop = asyncio.Event()
        await self.server.begin()
        self._began.set()
        await self._stop.wait()
        await self.server.end()

    @property
    def session(self):
        return self.server.session

    @property
    def bench(self):
        return self.session.bench

    def raw(self, method, path, body=None, token=True, **headers):
        """(status, JSON or bytes) of one request as it is; `headers` with _ for -."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = "Bearer " + self.server.token
        link = http.client.HTTPConnection(HOST, self.server.port, timeout=60)
        try:
            link.request(method, path, body if body is None or isinstance(body, bytes) else json.dumps(body).encode(), headers)
            answer = link.getresponse()
            data = answer.read()
            return answer.status, json.loads(data) if answer.headers.get_content_type() == "application/json" else data
        finally:
            link.close()

    def refused(self, method, path, body=None, **more):
        """(status, code) of what is refused, with words that say why."""
        status, told = self.raw(method, path, body, **more)
        assert set(told) == {"error", "words"} and len(told["words"]) > 5, told
        return status, told["error"]

    def ready(self, pace="x10"):
        """The terminal has started; time flies a little."""
        self.till.wait_name("ready")
        if pace != "real":
            self.till.time(pace=pace)
        return self.till

    def linked(self):
        """It has started and signed on at the bank."""
        till = self.ready()
        return till.wait(lambda: till.state()["lights"]["link"], 30, "the link")

    def windows(self, act, enough, count=1):
        """The events that `count` windows got, from before `act()` until `enough(events)` says so in each."""
        return asyncio.run(_windows(self.server, act, enough, count))


async def _windows(server, act, enough, count):
    got = [[] for _ in range(count)]
    async with aiohttp.ClientSession() as web:
        sockets = [await web.ws_connect("%s/events?token=%s" % (server.origin, server.token), origin=server.origin) for _ in range(count)]
        while server.hub.windows < count:
            await asyncio.sleep(0.01)
        doing = asyncio.get_running_loop().run_in_executor(None, act)
        await asyncio.wait_for(asyncio.gather(*(_listen(socket, events, enough) for socket, events in zip(sockets, got, strict=True))), 60)
        await doing
        for socket in sockets:
            await socket.close()
    return got


async def _listen(socket, events, enough):
    while not enough(events):
        events.append(json.loads((await socket.receive()).data))


def kinds(events):
    return {event["event"] for event in events}


def pay(till, minor="1250", card="visa", pin=None, ends="Approved"):
    """A whole payment, up to the ready screen."""
    till.wait_name("ready")
    till.keys(minor + "D")
    till.wait_screen("Tap a card")
    till.tap(card)
    if pin:
        till.wait_name("pin")
        till.keys(pin + "D")
    till.wait_screen(ends)
    till.wait(lambda: till.state()["in_field"] == [], 30, "the card to be away")
    return till.wait_name("ready")
