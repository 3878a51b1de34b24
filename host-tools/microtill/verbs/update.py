# update.py: `microtill update`: signed packages for parameters, for application images and for the signing key itself: build, sign, verify, send.
# Ends 1 where a package is refused, by us or by the terminal, and where an image went back.
import json
from pathlib import Path

from microtill import application, packages, settings_file
from microtill.bench.bench import Bench
from microtill.keys import newest, opened, record
from microtill.settings_file import with_letters
from microtill.terminal import Service
from microtill.verbs import params


def _write(out, package, path):
    Path(path).write_text(json.dumps(package, indent=1) + "\n")
    said = json.loads(package["manifest"])
    out.say("%s: %s, version %d, floor %d%s" % (path, said["kind"], said["version"], said["floor"], "" if package["signature"] else ", not signed"))
    return {"package": str(path), **said, "signed": bool(package["signature"])}


def build(out, state, path, result, version, floor, days):
    """A package out of an owner's settings (a TOML file); without a file, one that hands over the next signing key."""
    if path is None:
        return 0, _write(out, packages.next_key(opened.open_store(state)), result)
    text = params.text_of(path)
    owner, errors = settings_file.check(text)
    if errors:
        params.say_errors(out, errors, text)
        return 1, {"ok": False, "errors": errors}
    return 0, _write(out, packages.build(packages.PARAMETERS, told(owner), version, floor, days), result)


def build_image(out, state, result, version, floor, days):
    """A package of the application, as these sources are."""
    data = application.rom()
    return 0, _write(out, application.build(data, version, floor, days), result)


def status(out, state):
    """What runs in a terminal, and what would start next."""
    params.needed(Path(state))
    with Service(state) as service:
        row, = service.ask("image")
    out.say("%s runs%s; at the next start: %s" % (
        row["runs"], " (version %d)" % row["version"] if row["version"] else "", row["trial"] if row["phase"] == "waiting" else row["starts"]))
    return 0, row


def told(owner):
    """An owner's settings as the text that is signed, and that the terminal keeps."""
    return json.dumps(with_letters(owner), ensure_ascii=False, separators=(",", ":"))


def sign(out, state, path):
    store = opened.open_store(state)
    package = packages.sign(store, packages.read(path))
    record.write(state, "sign", key=newest(store, "signing"), sha256=_digest(package))
    return 0, _write(out, package, path)


def _digest(package):
    return next(iter(json.loads(package["manifest"])["parts"].values()))[1]


def verify(out, state, path):
    store = opened.open_store(state)
    wrong = packages.verify(packages.read(path), store.public(newest(store, "signing")))
    for words in wrong or ["the signature holds, and so does every part"]:
        out.say("%s: %s" % (path, words))
    return (1 if wrong else 0), {"ok": not wrong, "wrong": wrong}


def send(out, state, path, seed=1):
    """Hand it to the terminal of a state folder, which judges for itself."""
    package = packages.read(path)
    params.needed(Path(state))
    if json.loads(package["manifest"])["kind"] == packages.PARAMETERS:
        bench = Bench(state, seed=seed)
        try:
            bench.start()
            problems, changed = params.hand(bench, packages.request(package))
        finally:
            bench.close()
        for row in changed:
            out.say("%s: %s -> %s" % (row["setting"], row["before"], row["after"]))
        for section, name, reason in problems:
            out.say("%s.%s %s" % (section, name, reason))
        return (1 if problems else 0), {"ok": not problems, "changed": changed, "problems": problems}
    if json.loads(package["manifest"])["kind"] == packages.IMAGE:
        return _send_image(out, state, package, seed)
    with Service(state, keep=True, seed=seed) as service:
        asked = packages.request(package)
        service.ask(asked.pop("op"), **asked)
    out.say("the terminal's signing key is the next one from now on")
    return 0, {"ok": True, "changed": [], "problems": []}


def _send_image(out, state, package, seed):
    bench = Bench(state, seed=seed)
    try:
        bench.start()
        mark = len(bench.story.rows)
        application.hand(bench, package)
        out.say("all of it is there; the terminal tries it")
        verdict = application.outcome(bench, mark)
    finally:
        bench.close()
    out.say("%s: version %d" % ({"confirmed": "confirmed, and starts from now on", "back": "it was not well: the terminal went back"}[verdict],
                                application.version(package)))
    return (0 if verdict == "confirmed" else 1), {"ok": verdict == "confirmed", "verdict": verdict}
