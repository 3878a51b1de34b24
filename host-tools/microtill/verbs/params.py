# params.py: the owner's settings: checked, shown, loaded into a terminal whole or not at all, tried on its past. Ends 1 where a file is refused.
import getpass
import hashlib
import secrets

from microtill import packages, settings_file, trial
from microtill.bench.bench import Bench
from microtill.device_source import settings
from microtill.keys import opened
from microtill.names import rules as names
from microtill.settings_file import with_letters
from microtill.terminal import NoAnswer, Service, ask, beside, provision_demo
from microtill.verbs.books import needed

_WITHIN_MS, _RECORDED_MS = 900_000, 1_000
ITERATIONS = 2_000              # of PBKDF2: a third of a second on a microcontroller


class NoFile(Exception):
    code = "U07"


class BadPin(Exception):
    code = "U06"


class BadNews(Exception):
    code = "U09"


def text_of(path):
    """The text of a file, with or without a byte order mark; no more of it than a check wants."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read(settings_file.MOST_CHARACTERS + 1)
    except UnicodeDecodeError:
        raise NoFile("%s is not UTF-8 text" % path) from None
    except OSError as bad:
        raise NoFile("%s: %s" % (path, (bad.strerror or "cannot be read").lower())) from None


def check(out, path):
    text = text_of(path)
    owner, errors = settings_file.check(text)
    say_errors(out, errors, text)
    if owner is not None:
        out.say("%s: every setting is good" % path)
    return (1 if errors else 0), {"ok": not errors, "errors": errors}


def say_errors(out, errors, text):
    """Each error, and under it the line as it stands; a log-in PIN stays where it is."""
    lines = text.split("\n")
    for row in errors:
        out.say("line %d: %s %s" % (row["line"], row["setting"] or "the file", row["reason"]))
        if not row["setting"].startswith("pins"):
            out.say("    " + "".join(letter if letter.isprintable() else "?" for letter in lines[row["line"] - 1].strip())[:100])
    if errors:
        out.say("%d %s: the file is refused as a whole" % (len(errors), "error" if len(errors) == 1 else "errors"))


def show(out, state):
    """What is in force in a state folder, as a file that could be loaded."""
    needed(state)
    with Service(state) as service:
        row = service.ask("settings")[0]
    if not row["sound"]:
        out.say("# This terminal is locked: it holds settings that its firmware does not take, and these are the defaults. Load a file.")
    out.say(settings_file.example(row["owner"]).rstrip("\n"))
    values, _ = settings.check(row["owner"], settings_file.LANGUAGES.__contains__)
    return 0, {"owner": row["owner"], "mark": row["mark"], "sound": row["sound"], "values": values}


def load(out, state, path, seed=1):
    """Check the file, power the terminal on, hand it over, wait for the quiet moment at which it counts."""
    text = text_of(path)
    owner, errors = settings_file.check(text)
    if errors:
        say_errors(out, errors, text)
        out.say("nothing was loaded, nothing has changed")
        return 1, {"ok": False, "errors": errors, "changed": []}
    provision_demo(state, seed)
    bench = Bench(state, seed=seed)
    try:
        bench.start()
        problems, changed = hand(bench, _request(state, owner))
    finally:
        bench.close()
    errors = [{"line": settings_file.line_of(text, section, name), "setting": ".".join(part for part in (section, name) if part), "reason": reason}
              for section, name, reason in problems]
    say_errors(out, errors, text)
    for row in changed:
        out.say("%s: %s -> %s" % (row["setting"], row["before"], row["after"]))
    if not errors:
        out.say("%d settings changed, in force from now on" % len(changed) if changed else "nothing to change: this is in force already")
    return (1 if errors else 0), {"ok": not errors, "errors": errors, "changed": changed}


def _request(state, owner):
    """What hands these settings to the terminal: as they are, or signed where a key store stands beside it."""
    if not opened.exists(state):
        return {"op": "stage", "owner": with_letters(owner)}
    from microtill.verbs.update import told
    return packages.request(packages.sign(opened.open_store(state), packages.build(packages.PARAMETERS, told(owner))))


def into(bench, owner):
    """Hand settings to a running terminal that takes them unsigned: as `hand`."""
    return hand(bench, {"op": "stage", "owner": owner})


def hand(bench, request):
    """Make this request of a running terminal: (its problems, what changed once it counts). Raises Refused for what is not signed, or not for it."""
    mark = len(bench.story.rows)
    bench.run(lambda: bench.console.ready, _WITHIN_MS)
    answer = ask(bench, _WITHIN_MS, **request)[0]
    if not answer["ok"]:
        return answer["problems"], []
    if not bench.run(lambda: any(row["kind"] == "settings" for row in bench.story.rows[mark:]), _WITHIN_MS):
        raise NoAnswer("settings")
    trigger = next(row["trigger"] for row in bench.story.rows[mark:] if row["kind"] == "settings")
    with beside(bench) as service:
        rows = service.ask("journal")
    return [], [{name: row[name] for name in ("setting", "before", "after")} for row in rows
                if row["record"] == "changed" and row["trigger"] == trigger and row["setting"] != "settings"]


def attempt(out, state, path, seed=1):
    """`params try FILE --journal`: the outcomes of the journal's past triggers that would differ."""
    needed(state)
    text = text_of(path)
    owner, errors = settings_file.check(text)
    if errors:
        say_errors(out, errors, text)
        return 1, {"ok": False, "errors": errors, "tried": 0, "differences": []}
    with Service(state, seed=seed) as service:
        journal = service.ask("journal")
    tried, differences = trial.differences(journal, owner)
    for row in differences:
        words = " (%s)" % names.refusal(row["reason"])[0] if row["reason"] else ""
        out.say("%s  trigger %-6s %-7s %12s  was: %-12s would be: %s%s" % (
            row["at"], row["trigger"], row["kind"], row["amount"], row["was"], row["would"], words))
    out.say("%d past triggers tried, %d would end otherwise" % (tried, len(differences)))
    return 0, {"ok": True, "errors": [], "tried": tried, "differences": differences}


def example(out):
    text = settings_file.example()
    out.say(text.rstrip("\n"))
    return 0, {"toml": text}


def pin(out, role, digits):
    """The line for [pins]: a PIN of 4 to 12 digits as a salted slow hash (PBKDF2, HMAC-SHA-256)."""
    if role not in settings.ROLES:
        raise BadPin("a role is one of: " + ", ".join(settings.ROLES))
    digits = digits if digits is not None else getpass.getpass("PIN of the %s: " % role)
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 12):
        raise BadPin("4 to 12 digits")
    line = hashed(digits, secrets.token_bytes(16))
    out.say("[pins]\n%s = \"%s\"" % (role, line))
    return 0, {"role": role, "pin": line}


def hashed(digits, salt):
    return "%s:%d:%s" % (salt.hex(), ITERATIONS, hashlib.pbkdf2_hmac("sha256", digits.encode(), salt, ITERATIONS).hex())


def condition(out, state, name, word, until):
    """News from outside, handed to the terminal of a state folder, and on its record."""
    needed(state)
    news = {"name": name, "word": word, "until": int(until.timestamp())}
    bench = Bench(state)
    try:
        bench.start()
        bench.run(lambda: bench.console.ready, _WITHIN_MS)
        bench.console.ask({"op": "condition", **news})
        if not bench.run(bench.console.answered, _WITHIN_MS):
            raise NoAnswer("condition")
        if not bench.console.last["ok"]:
            raise BadNews("a name and a word have 1 to 16 letters, and a terminal keeps 8 names")
        bench.run(lambda: any(row["kind"] == "trigger" and row["name"] == "condition" for row in bench.story.rows), _WITHIN_MS)
        bench.run(lambda: False, _RECORDED_MS)
    finally:
        bench.close()
    out.say("%s = %s until %s" % (name, word, until.isoformat(timespec="minutes")))
    return 0, news
