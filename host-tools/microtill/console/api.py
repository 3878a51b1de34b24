# api.py: the handlers: what comes in is checked, done in the bench's thread, and answered; what takes long is computed from copies elsewhere.
# They raise session.Refused, which server.py tells to the client; nothing a client sends ends in another error.
import asyncio
import functools
from importlib import metadata

from aiohttp import web

from microtill import demo, settings_file
from microtill.bench import mask
from microtill.bench.cards.wallet import Wallet
from microtill.console import checks, openapi, pictures, reads, recording, schemas
from microtill.console.session import Refused
from microtill.device_source import settings
from microtill.verbs import explain as stories
from microtill.verbs import triggers as rules

_WITHIN_S, _COUNTS_S = 60, 3            # until the terminal answers; until settings count, where it is quiet
_IDENT_MOST = 40


class Api:
    """`desk` holds the session and its acts; `reset` gives it others."""

    def __init__(self, desk, hub, address):
        self.desk, self.hub, self.address = desk, hub, address
        self.version = metadata.version("microtill")

    @property
    def session(self):
        return self.desk.session

    async def _do(self, act, *args, **more):
        """An act or a look in the bench's own thread."""
        future = self.session.submit(functools.partial(act, *args, **more))
        return await self._waited(future, _WITHIN_S)

    async def _waited(self, future, within_s):
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), within_s)
        except asyncio.TimeoutError as late:
            raise Refused("C409", "the bench did not come to it in %d s: ask again" % within_s) from late

    async def _elsewhere(self, work, *args):
        return await asyncio.get_running_loop().run_in_executor(None, work, *args)

    async def _body(self, request):
        raw = await request.read()
        return checks.body(raw or b"{}" if request.path.endswith("/reset") else raw, schemas.BODIES[request.path.removeprefix("/api")])

    # acts
    async def key(self, request):
        return web.json_response(await self._do(self.desk.acts.key, **await self._body(request)))

    async def tap(self, request):
        return web.json_response(await self._do(self.desk.acts.tap, **await self._body(request)))

    async def fault(self, request):
        return web.json_response(await self._do(self._fault, await self._body(request)))

    def _fault(self, body):
        return self.desk.acts.fault(**body)

    async def set_environment(self, request):
        return web.json_response(await self._do(self.desk.acts.environment, **await self._body(request)))

    async def time(self, request):
        await self._do(self.desk.acts.time, **await self._body(request))
        session = self.session
        await self._waited(session.when(lambda: not session.jumping), 10 * _WITHIN_S)
        return web.json_response(await self._do(session.clock))

    async def tear(self, request):
        body = await self._body(request)
        if body["action"] != "tear":
            raise Refused("C422", "action must be: tear")
        return web.json_response(await self._do(self.desk.acts.tear))

    async def set_settings(self, request):
        owner, session = (await self._body(request))["owner"], self.session
        problems = await self._elsewhere(_problems, owner)
        changed = []
        if not problems:
            await self._do(self._not_paused)
            mark = len(session.watch.settings)
            await self._do(self.desk.acts.settings, owner)
            await self._waited(session.when(self.desk.acts.answered), _WITHIN_S)
            problems = await self._do(self.desk.acts.answer)
            if not problems:
                changed = await self._changed(session, mark)
        errors = [{"setting": ".".join(str(part) for part in problem[:2] if part), "reason": str(problem[2])} for problem in problems]
        return web.json_response({"ok": not errors, "errors": errors, "changed": changed})

    def _not_paused(self):
        if self.session.pace == "paused":
            raise Refused("C409", "time is paused: the terminal cannot take settings")

    async def _changed(self, session, mark):
        """What the terminal wrote down once the settings counted; [] where it is not quiet yet."""
        try:
            await asyncio.wait_for(asyncio.wrap_future(session.when(lambda: len(session.watch.settings) > mark)), _COUNTS_S)
        except asyncio.TimeoutError:
            return []
        trigger = session.watch.settings[-1]
        rows = await self._elsewhere(reads.journal, await self._do(session.flash), session.bench.console.key)
        return [{name: str(row[name]) for name in ("setting", "before", "after")} for row in rows
                if row["record"] == "changed" and row["trigger"] == trigger and row["setting"] != "settings"]

    async def reset(self, request):
        await self._body(request)
        await self._elsewhere(self.desk.reset)
        return web.json_response(await self._do(lambda: {"at_ms": self.session.at_ms}))

    # what can be seen
    def _state(self):
        session, watch = self.session, self.session.watch
        return {**session.clock(), "powered": session.powered, "screen": watch.screen(), "lights": watch.lights(), "in_field": watch.field(),
                "environment": self.desk.acts.now(), "faults": self.desk.acts.faults(), "papers": watch.papers, "paper_rows": watch.paper_rows,
                "alarms": watch.alarms(), "can_record": session.can_record, "version": self.version, "serial": demo.SERIAL,
                "seed": session.seed}

    async def state(self, request):
        return web.json_response(await self._do(self._state))

    async def environment(self, request):
        return web.json_response(await self._do(self.desk.acts.now))

    async def screen_png(self, request):
        scale = checks.number(request.query, "scale", 4, 1, 8)
        image = await self._do(pictures.screen, self.session, scale)
        return web.Response(body=await self._elsewhere(pictures.png, image), content_type="image/png")

    async def screen_txt(self, request):
        return web.Response(text=await self._do(self.session.bench.screen_text))

    async def _paper(self, request):
        """(Receipt or None, text) that is asked for; None: its picture was not kept."""
        n = checks.number(request.query, "n", None, 0, 10 ** 9)
        if n is None:
            return await self._do(pictures.hanging, self.session)
        watch = self.session.watch
        text, picture = watch.texts.get(n), watch.pictures.get(n)
        if text is None:
            raise Refused("C404", "no paper %d: %d came off so far, from 0" % (n, watch.papers))
        return picture, text

    async def paper_png(self, request):
        receipt, _text = await self._paper(request)
        if receipt is None:
            raise Refused("C404", "only the newest pictures are kept; its text is in /paper.txt")
        return web.Response(body=await self._elsewhere(pictures.paper, receipt), content_type="image/png")

    async def paper_txt(self, request):
        return web.Response(text=(await self._paper(request))[1])

    async def happened(self, request):
        after, limit = checks.number(request.query, "after", 0, 0, 10 ** 12), checks.number(request.query, "limit", 500, 1, 20_000)
        rows = await self._do(lambda: [row for row in self.session.watch.happened if row["n"] > after][-limit:])
        return web.json_response(rows)

    async def triggers(self, request):
        told = await self._do(lambda: list(self.session.watch.triggers))
        return web.json_response(await self._elsewhere(lambda: rules.counted(reads.rules(), told)))

    async def explain(self, request):
        ident = request.match_info["id"]
        rows = await self._do(lambda: list(self.session.bench.story.rows))
        try:
            if len(ident) > _IDENT_MOST:
                raise stories.NothingTold("no such trigger")
            return web.json_response(await self._elsewhere(stories.of_rows, rows, ident))
        except stories.NothingTold as nothing:
            raise Refused("C404", str(nothing)) from nothing

    # what both sides believe
    async def journal(self, request):
        return web.json_response(await self._elsewhere(reads.journal, await self._do(self.session.flash), self.session.bench.console.key))

    async def ledger(self, request):
        return web.json_response(await self._elsewhere(self.session.bench.bank.records))

    async def books(self, request):
        flash, theirs = await self._do(lambda: (self.session.flash(), self.session.bench.bank.records()))
        return web.json_response(await self._elsewhere(reads.both, flash, theirs, self.session.bench.console.key))

    async def recording(self, request):
        if not self.session.can_record:
            raise Refused("C409", "only a bench without a state folder can be recorded, and only so long: begin afresh (POST /reset)")
        snapshot = await self._do(self.session.recorder.snapshot)
        rows = await self._elsewhere(reads.journal, snapshot["flash"])
        return web.Response(text=recording.lines(snapshot, rows), content_type="application/x-ndjson",
                            headers={"Content-Disposition": 'attachment; filename="recording.jsonl"'})

    # what never changes
    async def cards(self, request):
        return web.json_response([{**row, "pan": mask.number(row["pan"])} for row in Wallet(None).promises()])

    async def openapi(self, request):
        return web.json_response(openapi.document(self.address()))

    async def health(self, request):
        alive = self.session.alive
        at_ms = self.session.clock()["at_ms"]
        return web.json_response({"ok": alive, "windows": self.hub.windows, "at_ms": at_ms, "why": str(self.session.failed or "")})


def _problems(owner):
    """[(section, setting, reason)] of what no terminal would take. Raises Refused C422 where it cannot even be asked."""
    try:
        problems = settings.check(owner, settings_file.LANGUAGES.__contains__)[1]
        return problems or settings_file.for_the_tools(owner)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as bad:
        raise Refused("C422", "these are no settings: %s" % str(bad)[:100]) from bad


def routes(api):
    """(method, path, handler) of all."""
    return (("POST", "/key", api.key), ("POST", "/tap", api.tap), ("POST", "/fault", api.fault), ("POST", "/environment", api.set_environment),
            ("POST", "/time", api.time), ("POST", "/paper", api.tear), ("POST", "/settings", api.set_settings), ("POST", "/reset", api.reset),
            ("GET", "/state", api.state), ("GET", "/environment", api.environment), ("GET", "/screen.png", api.screen_png),
            ("GET", "/screen.txt", api.screen_txt), ("GET", "/paper.png", api.paper_png), ("GET", "/paper.txt", api.paper_txt),
            ("GET", "/triggers", api.triggers), ("GET", "/happened", api.happened), ("GET", "/explain/{id}", api.explain),
            ("GET", "/journal", api.journal), ("GET", "/ledger", api.ledger), ("GET", "/books", api.books), ("GET", "/cards", api.cards),
            ("GET", "/recording", api.recording), ("GET", "/openapi.json", api.openapi), ("GET", "/health", api.health))
