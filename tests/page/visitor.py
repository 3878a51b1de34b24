# visitor.py: a console that serves in a thread of its own, and a visitor at its page: keys, cards, controls, and what can be seen there. What
# does not come about is a time-out of the browser that says what was waited for.
import asyncio
import json
import threading
import time
import urllib.error
import urllib.request

from microtill.console.server import Server

WIDE, NARROW = (1280, 900), (390, 844)
_PATIENCE_MS = 150_000
_STEP_MS, _MOST_STEPS = 200, 1_500      # of the world, where nobody needs to see it pass
_NAME = "names => names.includes(document.getElementById('oled').dataset.name)"


class Console:
    """A server on a free port. `ask(path)` reads, `ask(path, body)` acts; both as a program would, with the token."""

    def __init__(self):
        self._loop, begun = asyncio.new_event_loop(), threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(begun,), daemon=True)
        self._thread.start()
        assert begun.wait(30), "the console does not begin"

    def _serve(self, begun):
        asyncio.set_event_loop(self._loop)
        self.server = Server(None, seed=1, acts_a_second=10_000)
        self._loop.run_until_complete(self.server.begin())
        begun.set()
        self._loop.run_forever()

    @property
    def url(self):
        return self.server.url

    def ask(self, path, body=None):
        request = urllib.request.Request("%s/%s" % (self.server.origin, path), data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": "Bearer " + self.server.token, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def fresh(self):
        """Another terminal, keyed, that waits for an amount."""
        self.ask("reset", {})
        self.ask("time", {"step_ms": 2000})
        assert self.ask("state")["screen"]["name"] == "ready"

    def cut_windows(self):
        """Drop every window's line, as a network would."""
        for window in list(self.server._sockets):
            asyncio.run_coroutine_threadsafe(window.close(), self._loop).result(10)

    def close(self):
        asyncio.run_coroutine_threadsafe(self.server.end(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)


class Visitor:
    """One window. `asked` is the part of the address after #; `token`: another token than the right one; `sharp`: two device
    pixels for one of the page."""

    def __init__(self, browser, console, asked="", size=WIDE, still=True, token=None, sharp=False):
        self.console, self.troubles = console, []
        self._context = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce" if still else "no-preference",
                                            device_scale_factor=2 if sharp or size == NARROW else 1, has_touch=size == NARROW)
        self.page = self._context.new_page()
        self.page.set_default_timeout(_PATIENCE_MS)
        self.page.on("pageerror", lambda error: self.troubles.append("error: %s" % error))
        self.page.on("request", self._request)
        base = console.url if token is None else "%s/?token=%s" % (console.server.origin, token)
        self.page.goto(base + "#" + asked)
        if token is None:
            self.page.wait_for_function("document.documentElement.dataset.reach === 'here'")

    def _request(self, request):
        if not request.url.startswith((self.console.server.origin, "ws://127.0.0.1", "data:", "blob:")):
            self.troubles.append("asked another host: " + request.url)

    def resize(self, size):
        """Another width and height."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def close(self):
        self._context.close()

    # hands
    def keys(self, text):
        for key in text:
            self.page.click('[data-key="%s"]' % key)
        return self

    def tap(self, card):
        self.page.click('[data-card="%s"]' % card)
        return self

    def asks_a_late_bank(self):
        """At the tap: a card, and a bank that has said yes while the terminal still waits to hear of it."""
        self.console.ask("environment", {"bank": "late"})
        self.tap("visa").sees("asking")
        until = time.monotonic() + 20
        while not self.console.ask("ledger"):
            assert time.monotonic() < until, "the bank never heard of it"
        return self

    def press(self, name):
        """A button by what it is called."""
        self.page.get_by_role("button", name=name, exact=True).first.click()
        return self

    def surroundings(self, name, value):
        """One of the strips of the surroundings, in words."""
        self.page.locator('fieldset[data-name="%s"] input[value="%s"]' % (name, value)).check(force=True)
        return self

    # eyes
    def sees(self, *names):
        """Wait until the display shows one of these screens."""
        self.page.wait_for_function(_NAME, arg=list(names))
        return self

    def steps_to(self, name):
        """Let the world go on in steps, however long that would take, until the terminal shows this screen; then time stands still."""
        self._steps(lambda: self.console.ask("state")["screen"]["name"] == name, name)
        return self.sees(name)

    def steps_for(self, query):
        """The same, until this stands on the page."""
        self._steps(lambda: self.page.locator(query).count(), query)
        return self

    def _steps(self, there, what):
        self.console.ask("time", {"pace": "paused"})
        for _step in range(_MOST_STEPS):
            if there():
                return
            self.console.ask("time", {"step_ms": _STEP_MS})
        raise AssertionError("never came to %s: %s" % (what, self.console.ask("state")["screen"]["text"]))

    def reads(self, words):
        """Wait until this text stands somewhere on the page."""
        self.page.get_by_text(words).first.wait_for()
        return self

    def waits_for(self, query):
        self.page.wait_for_selector(query)
        return self

    def display(self):
        return self.page.get_attribute("#oled", "aria-label")

    def dots(self):
        """The display's pixels, as the browser drew them."""
        return self.page.evaluate("document.getElementById('oled').toDataURL()")

    def papers(self):
        """Wait for a paper that can be torn off."""
        self.page.wait_for_selector("#tear:not([hidden])")
        return self

    def books(self):
        """The two books as the page shows them, oldest first: [(stan, terminal, bank)]; waits until they have been read and agree."""
        self.page.wait_for_selector('#books[data-agree="true"] tbody tr')
        rows = self.page.eval_on_selector_all("#books tbody tr", """rows => rows.map(row => [Number(row.dataset.stan),
            ...["terminal", "bank"].map(side => row.querySelector(`[data-side=${side}]`).innerText.trim().replace(/\\s+/g, " "))])""")
        return [tuple(row) for row in reversed(rows)]
