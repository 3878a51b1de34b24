# update.py: `microtill update`: signed packages for parameters and for the signing key itself: build, sign, verify, send.
# Ends 1 where a package is refused, by us or by the terminal.
import json
from pathlib import Path

from microtill import packages, settings_file
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
    with Service(state, keep=True, seed=seed) as service:
        asked = packages.request(package)
        service.ask(asked.pop("op"), **asked)
    out.say("the terminal's signing key is the next one from now on")
    return 0, {"ok": True, "changed": [], "problems": []}
