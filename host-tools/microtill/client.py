# client.py: a terminal at the end of a console's address, for programs: press, tap, break, wait for words, read both books. Standard library
# alone. Refused for what the console refuses; NotThere where nothing answers; NotSeen where the words did not come in time.
"""A test of a cash register, as its team may write it:

    from microtill.client import Till

    with Till.start() as till:
        till.wait_name("ready")
        till.keys("1250D")
        till.wait_screen("Tap a card")
        till.tap("visa")
        till.wait_screen("Approved")
        assert till.books()["agree"]
"""
import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

_ANSWER_S, _START_S, _LOOK_S = 700, 60, 0.03


class Refused(Exception):
    """`status` of HTTP, `code` (C409 ...); args: what happened and what to do."""

    def __init__(self, status, code, words):
        super().__init__(words)
        self.status, self.code = status, code


class NotThere(Exception):
    """Nothing answers at this address, or no console began."""
    code = "N02"


class NotSeen(Exception):
    """args: what was waited for and what the display said instead."""
    code = "N03"


class Till:
    """`connect` to a console that runs, or `start` one; a `with` block ends one that was started."""

    def __init__(self, url, process=None):
        parts = urllib.parse.urlsplit(url)
        self.url, self.base, self._process = url, "%s://%s" % (parts.scheme, parts.netloc), process
        self.token = urllib.parse.parse_qs(parts.query).get("token", [""])[0]

    @classmethod
    def connect(cls, url):
        """To the address that the console printed, token and all. Raises NotThere, Refused."""
        till = cls(url)
        till.get("health")
        return till

    @classmethod
    def start(cls, *options):
        """`microtill run` as a process of its own, on any free port; `options` as on the command line. Raises NotThere."""
        words = [sys.executable, "-m", "microtill.cli", "--json", "run", "--no-browser", *options]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        line = process.stdout.readline()
        if not line:
            raise NotThere("no console began: status %s" % process.wait(_START_S))
        return cls(json.loads(line)["url"], process)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """End the console, if it was started here; its exit status, else None."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        process.terminate()
        try:
            return process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            process.stdout.close()

    # the wire
    def _ask(self, path, body=None):
        request = urllib.request.Request("%s/api/%s" % (self.base, path), headers={"Authorization": "Bearer " + self.token})
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                told = _as_json(error.read())
            raise Refused(error.code, told.get("error", ""), told.get("words", str(error))) from error
        except OSError as error:
            raise NotThere("%s: %s" % (self.base, error)) from error

    def get(self, path, **query):
        """JSON of a path such as "state", with its query."""
        return json.loads(self._ask(path + ("?" + urllib.parse.urlencode(query) if query else "")))

    def post(self, path, **body):
        """Do an act; its answer."""
        return json.loads(self._ask(path, body))

    # acts
    def key(self, key, action="press", hold_ms=90):
        """One key: "press", or a finger that goes "down" or "up"."""
        return self.post("key", key=key, action=action, hold_ms=hold_ms)

    def keys(self, text):
        """One key after the other, as a person presses them: the console keeps them apart."""
        for letter in text:
            self.key(letter)

    def tap(self, card, **more):
        """Hold a card of `cards()` to the reader: `action`, `hold_ms`, `pulled_at` as POST /tap has them."""
        return self.post("tap", card=card, **more)

    def pull(self, card):
        """Take it away now."""
        return self.post("tap", card=card, action="pull")

    def fault(self, fault, **more):
        """Break something: power_off, reader_deaf, key_stuck ... with its details."""
        return self.post("fault", fault=fault, **more)

    def environment(self, **wanted):
        """Change some of the surroundings, or none; all as they are now."""
        return self.post("environment", **wanted) if wanted else self.get("environment")

    def time(self, **wanted):
        """pace="x10", step_ms=500 or to="next_event": returns once it is there."""
        return self.post("time", **wanted)

    def tear(self):
        return self.post("paper", action="tear")

    def settings(self, owner):
        """Hand over an owner's settings: {"ok", "errors", "changed"}."""
        return self.post("settings", owner=owner)

    def reset(self):
        """A fresh terminal."""
        return self.post("reset")

    # what can be seen
    def state(self):
        return self.get("state")

    def at_ms(self):
        return self.state()["at_ms"]

    def screen_text(self):
        """The words on the display, one line for each row that says something."""
        return "\n".join(line.strip() for line in self._ask("screen.txt").decode().split("\n") if line.strip())

    def wait(self, happened, within_s, what):
        """Ask until `happened()` is true. Raises NotSeen."""
        end = time.monotonic() + within_s
        while not happened():
            if time.monotonic() > end:
                raise NotSeen("waited %s s for %s; the display says %r" % (within_s, what, self.screen_text()))
            time.sleep(_LOOK_S)
        return self

    def wait_screen(self, words, within_s=60):
        """Until the display says this, in real seconds. Raises NotSeen."""
        return self.wait(lambda: words in self.screen_text(), within_s, repr(words))

    def wait_name(self, name, within_s=60):
        """Until this screen stands, by its name: "ready", "tap", "pin" ... Raises NotSeen."""
        return self.wait(lambda: self.state()["screen"]["name"] == name, within_s, "screen " + name)

    def screen_png(self, scale=4):
        return self._ask("screen.png?scale=%d" % scale)

    def paper_text(self, n=None):
        """Of a paper that came off, counted from 0; None: what hangs out of the printer now."""
        return self._ask("paper.txt" + ("" if n is None else "?n=%d" % n)).decode()

    def triggers(self):
        return self.get("triggers")

    def happened(self, after=0, limit=500):
        return self.get("happened", after=after, limit=limit)

    def explain(self, ident="last"):
        return self.get("explain/" + urllib.parse.quote(str(ident), safe=""))

    # what both sides believe
    def journal(self):
        return self.get("journal")

    def ledger(self):
        return self.get("ledger")

    def books(self):
        """{"rows": both sides of each payment, "agree"}."""
        return self.get("books")

    def cards(self):
        return self.get("cards")

    def recording(self):
        """What was done so far, as JSON lines: save it, and `microtill play` does it again."""
        return self._ask("recording").decode()


def _as_json(raw):
    try:
        got = json.loads(raw)
    except ValueError:
        return {}
    return got if isinstance(got, dict) else {}
