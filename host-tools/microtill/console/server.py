# server.py: the console on loopback: who may speak, how an error is told, the windows that listen, and the page's files. PortTaken where it
# cannot begin; whatever a client sends, the answer is never a 5xx.
import asyncio
import hmac
import logging
import secrets
import signal
import time
from collections import deque
from pathlib import Path

from aiohttp import WSMsgType, web

from microtill.console.acts import Acts
from microtill.console.api import Api, routes
from microtill.console.checks import MOST_BYTES
from microtill.console.events import Hub
from microtill.console.session import Refused, Session

HOST = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
_ACTS_A_SECOND = 100
_TICK_S, _HEARTBEAT_S = 0.25, 20
_STATUS = {"C400": 400, "C401": 401, "C403": 403, "C404": 404, "C405": 405, "C409": 409, "C413": 413, "C422": 422, "C429": 429}
_POLICY = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
log = logging.getLogger(__name__)


class PortTaken(Exception):
    """args: the port."""
    code = "N01"


class Desk:
    """The bench that people work at; after `reset`, another one."""

    def __init__(self, hear, state=None, seed=1):
        self._hear, self._state, self._seed = hear, state, seed
        self._begin()

    def _begin(self):
        self.session = Session(self._state, self._seed, self._hear)
        self.acts = Acts(self.session)
        self.session.start()

    def reset(self):
        """Away with the terminal, and a fresh one in its place. Only where nothing was to be kept."""
        if self._state is not None:
            raise Refused("C409", "this terminal lives in a state folder: start another one without --state")
        self.session.stop()
        self._begin()
        self._hear({"event": "power", "powered": True})

    def stop(self):
        self.session.stop()


class Server:
    """`await begin()` binds the port; `url` is then the address to open, token and all; `await end()` frees it."""

    def __init__(self, state=None, seed=1, port=0, token=None, acts_a_second=_ACTS_A_SECOND):
        self._state, self._seed, self.port, self.token = state, seed, port, token or secrets.token_urlsafe(24)
        self._most = acts_a_second
        self._times, self._sockets = deque(), set()

    @property
    def origin(self):
        return "http://%s:%d" % (HOST, self.port)

    @property
    def url(self):
        return "%s/?token=%s" % (self.origin, self.token)

    async def begin(self):
        """Raises PortTaken."""
        self.hub = Hub(asyncio.get_running_loop())
        app = web.Application(middlewares=[self._told, self._guard], client_max_size=MOST_BYTES)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        api = Api(self, self.hub, lambda: self.origin)
        for method, path, handler in routes(api):
            app.router.add_route(method, path, handler)
            app.router.add_route(method, "/api" + path, handler)
        for path in ("/events", "/api/events"):
            app.router.add_get(path, self._events)
        app.router.add_get("/", self._page)
        app.router.add_get("/static/{name:.+}", self._file)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        try:
            await site.start()
        except OSError as taken:
            await self._runner.cleanup()
            raise PortTaken(self.port) from taken
        self.port = self._runner.addresses[0][1]
        self.desk = Desk(self.hub.hear, self._state, self._seed)
        self._ticking = asyncio.create_task(self._tick())

    session = property(lambda self: self.desk.session)
    acts = property(lambda self: self.desk.acts)

    def reset(self):
        self.desk.reset()

    async def end(self):
        self._ticking.cancel()
        self.hub.end()
        for socket in list(self._sockets):
            await socket.close()
        await self._runner.cleanup()
        await asyncio.get_running_loop().run_in_executor(None, self.desk.stop)

    async def _tick(self):
        """The time, for every window, while it runs."""
        while True:
            await asyncio.sleep(_TICK_S)
            if self.session.pace != "paused" and self.session.alive:
                self.hub.hear({"event": "time", **self.session.clock()})

    # who may speak
    @web.middleware
    async def _guard(self, request, handler):
        names = ("%s:%d" % (HOST, self.port), "localhost:%d" % self.port)
        if request.headers.get("Host", "").lower() not in names:
            raise Refused("C403", "this console answers at %s only" % self.origin)
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower() not in ["http://" + name for name in names]:
            raise Refused("C403", "another site asked; open the console's own page at %s" % self.origin)
        if not self._is_public(request.path):
            self._knows_token(request)
        if request.method == "POST":
            self._no_flood()
        return await handler(request)

    @staticmethod
    def _is_public(path):
        return path == "/" or path.startswith("/static/")

    def _knows_token(self, request):
        kind, _space, given = request.headers.get("Authorization", "").partition(" ")
        given = given.strip() if kind.lower() == "bearer" else request.query.get("token", "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self.token.encode()):
            raise Refused("C401", "give the token that the console printed: Authorization: Bearer TOKEN")

    def _no_flood(self):
        now = time.monotonic()
        while self._times and now - self._times[0] >= 1:
            self._times.popleft()
        if len(self._times) >= self._most:
            raise Refused("C429", "more than %d acts within a second: wait a moment" % self._most)
        self._times.append(now)

    # how an error is told
    @web.middleware
    async def _told(self, request, handler):
        try:
            answer = await handler(request)
        except Refused as refused:
            answer = _error(refused.code, str(refused))
        except web.HTTPException as error:
            words = {404: "no such path; see /openapi.json", 405: "not with this method; see /openapi.json", 413: "more than 64 KiB"}
            answer = _error("C%d" % error.status, words.get(error.status, error.reason), error.status, error.headers.get("Allow"))
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:               # noqa: BLE001  a fault of ours: told in full to whoever reads the log
            log.exception("%s %s", request.method, request.path)
            answer = _error("C500", "this should not have happened: the console's log tells more", 500)
        if not answer.prepared:
            answer.headers.update({name: value for name, value in _POLICY.items() if name not in answer.headers})
        return answer

    # windows
    async def _events(self, request):
        window = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, max_msg_size=4096, compress=False)
        if not window.can_prepare(request).ok:
            raise Refused("C400", "/events is a WebSocket")
        await window.prepare(request)
        queue = self.hub.join()
        self._sockets.add(window)
        reading = asyncio.create_task(_drained(window, queue))
        try:
            while (text := await queue.get()) is not None:
                await window.send_str(text)
        except (ConnectionError, RuntimeError):
            pass                        # the window has gone: nobody to tell
        finally:
            self.hub.leave(queue)
            self._sockets.discard(window)
            reading.cancel()
            await window.close()
        return window

    # the page
    async def _page(self, request):
        return self._served("index.html")

    async def _file(self, request):
        return self._served(request.match_info["name"])

    def _served(self, name):
        path = (STATIC / name).resolve()
        if not path.is_relative_to(STATIC.resolve()) or not path.is_file():
            raise Refused("C404", "no such file")
        return web.FileResponse(path)


def _error(code, words, status=None, allow=None):
    headers = {"Allow": allow} if allow else {"Retry-After": "1"} if code == "C429" else {}
    return web.json_response({"error": code, "words": words}, status=status or _STATUS[code], headers=headers)


async def _drained(window, queue):
    """What a window says is not listened to; that it has gone is."""
    async for message in window:
        if message.type in (WSMsgType.ERROR, WSMsgType.CLOSE):
            break
    queue.put_nowait(None)


async def serve(server, ready):
    """From `begin` until SIGINT or SIGTERM; `ready(url)` in between."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await server.begin()
    try:
        ready(server.url)
        await stop.wait()
    finally:
        await server.end()
