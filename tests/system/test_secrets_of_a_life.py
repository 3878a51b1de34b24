# test_secrets_of_a_life.py: a terminal is keyed, set up, logged in at, paid at, broken, asked for everything it knows, and emptied; a search that
# knows every secret of it finds none in what is left: files, journal, logs, traces, exceptions, recordings, screens, papers, events, flash.
import json
import os

import needles
import pytest
from console_rig import Console
from typer.testing import CliRunner

from microtill import demo, keys, packages, provisioning
from microtill.bench.acquirer import dukpt
from microtill.bench.bench import Bench
from microtill.cli import app
from microtill.keys import ciphers, opened, terminals
from microtill.show import Output
from microtill.terminal import Service
from microtill.torture import engine, faults, recording
from microtill.torture.flows import ENTER, MENU
from microtill.torture.people import Person
from microtill.torture.station import sealed
from microtill.verbs import params
from microtill.verbs import update as updates
from microtill.verbs import zeroise as verb

SERIAL, STORE_PIN = "MT-0777", "store-5208417396"
WRONG_PIN, ROLE_PIN, WRONG_ROLE_PIN = "739184620517", "846205197364", "917305286401"       # long enough to be told from chance
COUNTERS = 24                           # more than the payments below use
QUIET = Output(as_json=True)


class Kept(provisioning.Station):
    """A station that forgets nothing of its sessions."""
    made = []

    def hello(self):
        told = super().hello()
        self.made.append((self._mark, self._wrap))
        return told


def of_terminal(store):
    """{name: bytes} of every key behind one terminal, and every one derived from them for its first requests."""
    ikid, bdk, kbpk = dukpt.key_id(SERIAL), keys.newest(store, "bdk"), keys.newest(store, "kbpk")
    first = terminals.initial_key(store, ikid, bdk)
    found = {"initial key": first, "transport key": terminals.transport_key(store, SERIAL, kbpk), "device key": demo.DEVICE_KEY[:16],
             "BDK": bytes.fromhex(store._held[bdk]["value"]), "block protection key": bytes.fromhex(store._held[kbpk]["value"]),
             "PIN hash key": demo.PIN_HASH_KEY, "account hash key": demo.ACCOUNT_HASH_KEY}
    for purpose in ("seal", "mark", "account hash", "journal", "audit"):
        found["device key, " + purpose] = ciphers.cmac(demo.DEVICE_KEY[:16], b"microtill " + purpose.encode())
    for counter in range(1, COUNTERS + 1):
        for usage in (0x1000, 0x2000, 0x2001, 0x3000):
            found["%d/%04x" % (counter, usage)] = dukpt.working_key(first, ikid + counter.to_bytes(4, "big"), usage)
    ours, theirs = demo.initial_key(demo.SERIAL)
    for counter in range(1, 9):
        for usage in (0x1000, 0x2000, 0x2001, 0x3000):
            found["page's %d/%04x" % (counter, usage)] = dukpt.working_key(theirs, ours + counter.to_bytes(4, "big"), usage)
    for number, (mark, wrap) in enumerate(Kept.made):
        found.update({"session %d, MAC" % number: mark, "session %d, wrap" % number: wrap})
    return found


def wanted(store):
    """{name: shapes}."""
    found = {name: needles.of_bytes(key) for name, key in of_terminal(store).items()}
    for person in demo.CARDS:
        found["PAN of " + person.name] = needles.of_digits(person.pan)
        field = "4%x%s" % (len(person.pin), person.pin)
        found["clear PIN block of " + person.name] = [bytes.fromhex(field + "A" * (16 - len(field))), (field + "A" * 8).encode()]
    for name, pin in (("the wrong PIN", WRONG_PIN), ("the role's PIN", ROLE_PIN), ("the role's wrong PIN", WRONG_ROLE_PIN)):
        found[name] = needles.of_digits(pin)
    found["the store's PIN"] = needles.of_bytes(STORE_PIN.encode())
    return found


def told(*words):
    """What a command prints, on both its ends, with the traceback where it fails."""
    done = CliRunner().invoke(app, ["-v", *words])
    return (done.stdout + done.stderr).encode()


def logs_in(state):
    """Somebody tries a role's PIN at the keys of the state folder's terminal, wrong and right; what the display says."""
    bench, person = Bench(state), None
    try:
        bench.start()
        for pin in (WRONG_ROLE_PIN, ROLE_PIN):
            bench.run(lambda: "Key an amount" in bench.shown, 400_000)
            person = Person(bench, MENU, {"menu": "9", "role": "1", "login": pin + ENTER})
            person.begin()
            mark = len(bench.story.rows)
            bench.run(lambda mark=mark: any(row["kind"] == "login" for row in bench.story.rows[mark:]), 60_000)
            bench.run(lambda: False, 3_000)
        assert "logged_in" in person.said
        return "\n".join(bench.screens).encode()
    finally:
        bench.close()


def tortured(image, folder):
    """The recording of a sale whose power went while its PIN was asked for."""
    row = engine.Run("sale", 3, faults.FLASH, ("flash", 0.5, 7), "power").as_row()
    return recording.save(folder, row, engine.again(row, image, ["power"]), ["power"], 1, "firmware").read_bytes()


def page():
    """A payment with a wrong PIN and one with the right one on a page's terminal: what its windows hear, what it has recorded, what it tells."""
    with Console() as console:
        till = console.linked()

        def act():
            for amount, pin, ends in (("1100", WRONG_PIN, "Wrong PIN"), ("1200", "1234", "Approved")):
                till.wait_name("ready")
                till.keys(amount + ENTER)
                till.wait_screen("Tap a card")
                till.tap("visa-pin")
                till.wait_name("pin")
                till.keys(pin + ENTER)
                till.wait_screen(ends)
        events, = console.windows(act, lambda events: sum(event["event"] == "screen" and "Approved" in event["text"] for event in events) > 0)
        return {"events of the page": json.dumps(events).encode(), "recording of the page": till.recording().encode(),
                "what the page tells": json.dumps([till.triggers(), till.happened(), till.journal(), till.ledger(), till.explain()]).encode(),
                "paper of the page": till.paper_text(0).encode()}


@pytest.fixture(scope="module")
def life(tmp_path_factory, image):
    """(store, {where: what is left there}, state folder) of such a life."""
    patch = pytest.MonkeyPatch()
    patch.setenv(opened.PIN, STORE_PIN)
    patch.setattr(provisioning, "Station", Kept)
    state, left = tmp_path_factory.mktemp("life"), {}
    printed = tmp_path_factory.mktemp("prints") / "firmware"
    before, file = os.dup(2), os.open(printed, os.O_WRONLY | os.O_CREAT)
    os.dup2(file, 2)
    try:
        store, where = opened.init(state, "file"), ("--state", str(state))
        left["provision"] = told("provision", "--serial", SERIAL, *where)
        owner = {"pins": {"operator": params.hashed(ROLE_PIN, bytes(range(16)))}}
        package = packages.sign(store, packages.build(packages.PARAMETERS, updates.told(owner)))
        (state / "package.json").write_text(json.dumps(package))
        left["update send"] = told("update", "send", str(state / "package.json"), *where)
        for seed, (amount, card, more) in enumerate((("12.50", "visa-pin", ("--pin", "1234")), ("3.00", "visa-pin", ("--pin", WRONG_PIN)),
                                                     ("7.00", "pulled", ()), ("6.00", "stolen", ()), ("5.00", "clone", ("--no-bank",)))):
            left["pay %s" % card] = told("pay", amount, "--card", card, "--seed", str(seed), "--receipt", str(state / "paper.png"), *more, *where)
        left["screens of a log-in"] = logs_in(state)
        left["recording of a torture"] = tortured(image, state / "torture")
        left.update(page())
        (state / "bad.toml").write_text("[pins]\noperator = \"%s\"\n" % "12:34")
        for words in (("journal",), ("ledger",), ("reconcile",), ("explain", "last"), ("trace", "--pcap", str(state / "trace.pcap")), ("triggers",),
                      ("audit", "verify"), ("keys", "show"), ("keys", "derive", SERIAL), ("provision", "--serial", SERIAL),
                      ("zeroise", "--serial", "MT-OTHER"), ("params", "load", str(state / "bad.toml")), ("params", "show"),
                      ("pay", "x", "--card", "nobody"), ("update", "send", str(state / "bad.toml"))):
            left[" ".join(words[:2])] = told(*words, *where)
            left["--json " + " ".join(words[:2])] = told("--json", *words, *where)
        left["what the firmware prints"] = printed.read_bytes()
        left.update(needles.files(state))
        yield store, left, state
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(file)
        patch.undo()


def test_no_secret_is_left_in_files_prints_traces_exceptions_recordings_or_events(life):
    store, left, _state = life
    assert {"flash.bin", "story.jsonl", "bank.sqlite", "trace.pcap", "keys/demonstration.json", "recording of the page"} <= set(left)
    assert b"Traceback" in left["pay x"] and b"Traceback" in left["provision --serial"]
    assert [where for where, data in left.items() if len(data) < 3] == ["what the firmware prints"]
    assert b"Wrong PIN" in left["screens of a log-in"] and b"Approved" in left["events of the page"]
    assert needles.search(wanted(store), left) == []


@pytest.mark.parametrize("name", ["initial key", "transport key", "BDK", "block protection key", "session 0, wrap", "device key, seal", "2/1000",
                                  "the role's PIN", "the wrong PIN", "PAN of visa-pin", "the store's PIN"])
def test_each_shape_of_a_planted_secret_is_found(life, name):
    store, left, _state = life
    shapes, whole = wanted(store)[name], left["pay visa-pin"]
    for shape in shapes:
        assert needles.search({name: shapes}, {"somewhere": whole[:20] + shape + whole[20:], "elsewhere": whole}) == [(name, "somewhere")], shape


def test_after_zeroise_neither_a_key_nor_its_sealed_form_is_in_the_flash_image(life):
    store, _left, state = life
    with Service(state) as service:
        blobs = sealed(service.bench.flash.data)
        assert all(blob in service.bench.flash.data for blob in blobs) and len(blobs) > 25          # the transport key, and the registers
    verb.zeroise(QUIET, str(state), SERIAL, True)
    flash = (state / "flash.bin").read_bytes()
    assert not [at for blob in blobs for at in range(len(blob) - 7) if blob[at:at + 8] in flash]
    assert needles.search(wanted(store), {"flash.bin": flash}) == []
