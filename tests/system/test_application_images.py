# test_application_images.py: an owner sends an application image to a running terminal: it is tried, confirmed or left again, and debts stay.
import shutil

import pytest
import shipped
from hands import Hands
from nor_memory import Cut, NorMemory

from microtill import application, packages
from microtill.show import Output
from microtill.terminal import NoAnswer, Refused, Service
from microtill.verbs import update as verb

OURS = 84 * 4096                        # bytes of flash before the images
QUIET_OUT = Output(as_json=True)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return shipped.store(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def flash(keys):
    return shipped.signed_terminal(keys)


@pytest.fixture(scope="module")
def rom():
    return application.rom()


@pytest.fixture(scope="module")
def indebted(flash, keys, rom):
    """Flash of a terminal that owes a reversal, and that has a whole new application in place A, not tried yet."""
    till = Hands(flash)
    till.long_without_a_bank()
    package = shipped.package(keys, rom, version=9)
    application.hand(till.bench, package)
    till.bench.run(lambda: till.bench.lives > 1, 60_000)
    image = bytes(till.bench.flash.data)
    till.close()
    return image


@pytest.fixture
def hands(flash):
    """hands(flash image): a terminal in hand."""
    made = []

    def make(image=flash):
        made.append(Hands(image))
        return made[-1]
    yield make
    for till in made:
        till.close()


def status(till):
    return application.ask(till.bench)[0]


def audit(till):
    return [row["words"] for row in till.ask("audit") if row["kind"] == "update"]


def test_the_application_that_was_sent_runs_takes_a_payment_and_starts_from_now_on(hands, keys, rom):
    till = hands().ready()
    assert status(till)["runs"] == "base"
    application.hand(till.bench, shipped.package(keys, rom, version=9, floor=8))
    assert application.outcome(till.bench) == "confirmed"
    till.pays()
    till.bench.cut()
    till.bench.start()
    till.ready().pays("300")
    assert till.effects() == (2, 2) and till.agree() == 2
    told = status(till)
    assert (told["runs"], told["starts"], told["version"], told["floor"], told["phase"]) == ("A", "A", 9, 8, "")
    assert audit(till) == ["trial A 9", "confirmed A 9"]
    for more, wanted in (({"version": 7}, ("S09", "older")), ({"version": 9, "device": "microtill/esp32s3"}, ("S09", "class"))):
        with pytest.raises(Refused) as refused:
            application.hand(till.bench, shipped.package(keys, rom, **more))
        assert refused.value.args == wanted and status(till) == told


NEVER_ENDS = "import asyncio\n\n\nasync def run(till, session):\n    while True:\n        await asyncio.sleep(9)\n"
BAD = {
    "raises when it is imported": ("till/build.py", "raise ValueError\n"),
    "never comes to rest": ("till/flows/recover.py", NEVER_ENDS),
    "computes wrongly": ("till/crypto/selftest.py", "def turns(failed, signed):\n    failed.append('cmac')\n    yield\n"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_one_has_one_start_and_the_terminal_says_so(name, hands, keys, tmp_path):
    file, source = BAD[name]
    till = hands().ready()
    application.hand(till.bench, shipped.package(keys, shipped.application_with(tmp_path, file, source), version=9))
    assert application.outcome(till.bench) == "back"
    till.ready().pays()
    told = status(till)
    assert (told["runs"], told["starts"], told["phase"], told["A"]) == ("base", "base", "", 9)
    assert audit(till)[-1].startswith("back") and ("image", "back") in till.alarms()


def test_nothing_is_written_while_somebody_is_served_and_nothing_unreadable_comes_to_a_debt(hands, keys, rom):
    till = hands().ready()
    package = shipped.package(keys, rom, version=9)
    asked = {"step": "begin", "manifest": package["manifest"], "signature": package["signature"]}
    till.keys("1250D").sees("Tap a card")
    before = bytes(till.bench.flash.data)
    with pytest.raises(Refused) as refused:
        application.ask(till.bench, **asked)
    assert refused.value.args == (packages.BUSY, "front") and bytes(till.bench.flash.data) == before
    till.keys("A").ready().long_without_a_bank()
    other = shipped.package(keys, rom, version=9, reads=(1,))
    with pytest.raises(Refused) as refused:
        application.ask(till.bench, step="begin", manifest=other["manifest"], signature=other["signature"])
    assert refused.value.args == ("S09", "journal")


def cut_here(image, number, share):
    """The flash after the trial's decision, or its confirmation, was cut at this operation: made by the very code, without a whole start."""
    from till.update import images
    nor = NorMemory(256, seed=number)
    nor.data[:] = image
    nor.cut = number, share
    try:
        record = images.Record(nor).read()
        record.at_start()
        record.write(record.trial, images.BASE, images.QUIET)
    except Cut:
        pass
    return bytes(nor.data)


@pytest.mark.parametrize("number, share", [(1, 0.5), (2, 0.0), (2, 0.5), (3, 0.5), (4, 0.5), (4, 1.0)])
def test_after_a_cut_around_the_trial_a_terminal_starts_and_knows_its_debt(number, share, hands, indebted):
    till = hands(cut_here(indebted, number, share))
    assert [row["state"] for row in till.journal()] == ["reversal due"]
    till.ready().holds(lambda: [row["state"] for row in till.journal()] == ["reversed"], "the debt is paid", 900_000)
    assert till.effects() == (0, 0)
    assert status(till)["runs"] in ("base", "A")


@pytest.mark.parametrize("operation", [1, 5, 640])
def test_a_cut_while_it_comes_in_leaves_what_was(operation, hands, keys, rom):
    till = hands().ready().pays()
    till.waits(3_000)
    lives, package = till.bench.lives, shipped.package(keys, rom, version=9)
    till.bench.flash.reset_counts()
    till.bench.flash.cut = operation, 0.5
    with pytest.raises(NoAnswer):
        application.hand(till.bench, package)
    assert till.bench.lives == lives + 1
    till.ready().pays("300")
    assert till.effects() == (2, 2) and status(till)["starts"] == "base"


def test_what_the_old_key_signed_still_starts_once_both_keys_have_signed_the_next(hands, keys, tmp_path):
    small = shipped.nothing_new(tmp_path / "small")
    till = hands().ready()
    application.hand(till.bench, shipped.package(keys, small, version=9))
    assert application.outcome(till.bench) == "confirmed"
    label = keys.make("signing")
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = till.bench.flash.data
        service.start()
        asked = packages.request(packages.next_key(keys))
        service.ask(asked.pop("op"), **asked)
        image = bytes(service.bench.flash.data)
    after = hands(image).ready()
    assert status(after)["runs"] == "A"
    with pytest.raises(Refused) as refused:
        application.hand(after.bench, shipped.package(keys, small, version=10))
    assert refused.value.args == ("S08", "")
    application.hand(after.bench, shipped.package(keys, small, label, version=10))
    assert application.outcome(after.bench) == "confirmed" and status(after)["runs"] == "B"


def test_the_command_builds_signs_looks_sends_and_tells(tmp_path, monkeypatch):
    keys = shipped.store(tmp_path)
    (tmp_path / "flash.bin").write_bytes(shipped.signed_terminal(keys))
    small = shipped.nothing_new(tmp_path / "small")
    monkeypatch.setattr(application, "rom", lambda: small)
    path = tmp_path / "image.json"
    assert verb.build_image(QUIET_OUT, tmp_path, path, None, 0, 30)[1]["kind"] == "image"
    assert verb.verify(QUIET_OUT, tmp_path, path) == (1, {"ok": False, "wrong": ["it is not signed"]})
    assert verb.sign(QUIET_OUT, tmp_path, path)[1]["signed"]
    altered = tmp_path / "altered.json"
    shutil.copy(path, altered)
    altered.write_text(altered.read_text().replace('"text": "', '"text": "AAAA'))
    assert verb.verify(QUIET_OUT, tmp_path, altered)[1]["wrong"] == ["its part is not the one that was signed"]
    assert verb.verify(QUIET_OUT, tmp_path, path)[0] == 0
    assert verb.status(QUIET_OUT, tmp_path)[1]["runs"] == "base"
    with pytest.raises(Refused) as refused:
        verb.send(QUIET_OUT, tmp_path, altered)
    assert refused.value.args == ("S18", "order") and verb.status(QUIET_OUT, tmp_path)[1]["starts"] == "base"
    assert verb.send(QUIET_OUT, tmp_path, path) == (0, {"ok": True, "verdict": "confirmed"})
    assert verb.status(QUIET_OUT, tmp_path)[1]["runs"] == "A"
