# test_signed_settings.py: a terminal that was given a signing key takes settings with its signature alone, and looks at it again at each start.
import json
import os

import pytest

from microtill import packages, provisioning
from microtill.bench.bench import Bench
from microtill.keys import opened
from microtill.show import Output
from microtill.terminal import Refused, Service
from microtill.verbs import params
from microtill.verbs import update as verb

QUIET = Output(as_json=True)
SERIAL = "MT-0051"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """(state folder, store, flash image of a terminal that was provisioned from it)."""
    state = tmp_path_factory.mktemp("shop")
    os.environ[opened.PIN] = "135790"
    store = opened.init(state, "file")
    provisioning.provision(state, store, SERIAL)
    with Service(state) as service:
        image = bytes(service.bench.flash.data)
    key, patch = provisioning.admin_key(state, SERIAL), pytest.MonkeyPatch()
    patch.setattr(Bench, "_admin_key", lambda bench, serial: key)       # whoever works here has it
    yield state, store, image
    patch.undo()
    os.environ.pop(opened.PIN)


@pytest.fixture
def bench(shop):
    made = Bench(None)
    made.flash.data[:] = shop[2]
    made.start()
    yield made
    made.close()


def _package(store, owner, **more):
    return packages.sign(store, packages.build(packages.PARAMETERS, verb.told(owner), **more))


def _settings(image):
    """What a terminal with this flash has in force after a start."""
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = image
        service.start()
        return service.ask("settings")[0]


def test_settings_without_a_signature_are_refused_and_with_it_they_count(shop, bench):
    owner = {"shop": {"name": "Corner"}}
    with pytest.raises(Refused) as refused:
        params.into(bench, owner)
    assert refused.value.args == ("S01", "not signed")
    good = _package(shop[1], owner)
    for change, code in (({"signature": "00" * 384}, "S08"), ({"signature": ""}, "S08"), ({"text": good["text"] + " "}, "S09"),
                         ({"manifest": good["manifest"].replace("parameters", "parameterz")}, "S08"), ({"text": None}, "P02"),
                         ({"signature": "zz"}, "P02")):
        with pytest.raises(Refused) as refused:
            params.hand(bench, packages.request({**good, **change}) if "manifest" not in change else {**packages.request(good), **change})
        assert refused.value.args[0] == code, change
    problems, changed = params.hand(bench, packages.request(good))
    assert problems == [] and [(row["setting"], row["after"]) for row in changed] == [("shop.name", "Corner")]
    assert _settings(bytes(bench.flash.data))["owner"] == owner
    problems, changed = params.hand(bench, packages.request(_package(shop[1], {"shop": {"name": "Corner"}, "waits": {"tap": 40}}, floor=2_000_000_000,
                                                                     version=2_000_000_000)))
    assert problems == [] and len(changed) == 1
    with pytest.raises(Refused) as refused:                     # the floor is up now: nothing older comes in again
        params.hand(bench, packages.request(good))
    assert refused.value.args == ("S09", "older")
    assert _settings(bytes(bench.flash.data))["sound"]


def test_signed_nonsense_is_refused_with_its_problems(shop, bench):
    problems, changed = params.hand(bench, packages.request(_package(shop[1], {"shop": {"languages": ["xx"]}})))
    assert [row[:2] for row in problems] == [["shop", "languages"]] and changed == []


def test_settings_that_were_altered_on_flash_are_not_in_force_and_the_terminal_is_locked(shop, bench):
    assert params.hand(bench, packages.request(_package(shop[1], {"shop": {"name": "Corner"}})))[0] == []
    image = bytes(bench.flash.data)
    assert image.count(b'"Corner"') == 1
    at = image.index(b'"Corner"') + 1
    altered = bytearray(image)
    altered[at:at + 6] = b"Garden"
    _mend(altered, at)
    row = _settings(altered)
    assert not row["sound"] and row["owner"] == {}              # defaults, until good ones come
    assert _settings(image)["sound"]


def _mend(image, at):
    """Put the CRC-32 of the slot's record right, as somebody with a programmer would."""
    import struct
    import zlib
    begin = image.rindex(bytes((1, 0xA7)), 0, at) - 2
    size = struct.unpack_from("<H", image, begin)[0]
    struct.pack_into("<I", image, begin + 8 + size, zlib.crc32(image[begin:begin + 8 + size]))


def test_power_cut_at_any_flash_operation_leaves_the_old_settings_or_the_new_ones(shop):
    old, new = {"shop": {"name": "Corner"}}, {"shop": {"name": "Garden"}}
    first = Bench(None)
    first.flash.data[:] = shop[2]
    first.start()
    assert params.hand(first, packages.request(_package(shop[1], old)))[0] == []
    image = bytes(first.flash.data)
    first.flash.reset_counts()
    asked = packages.request(_package(shop[1], new))
    assert params.hand(first, asked)[0] == []
    operations = first.flash.operations
    first.close()
    seen = set()
    for number in range(1, operations + 1):
        bench = Bench(None)
        bench.flash.data[:] = image
        bench.start()
        bench.run(lambda bench=bench: bench.console.ready, 60_000)
        bench.run(lambda: False, 5_000)
        bench.flash.reset_counts()
        bench.flash.cut = (number, 0.5)
        bench.console.ask(asked)
        bench.run(lambda: False, 5_000)
        cut = bench.flash.cut is None
        row = _settings(bytes(bench.flash.data))
        bench.close()
        assert cut and row["sound"] and row["owner"] in (old, new), (number, row)
        seen.add(row["owner"]["shop"]["name"])
    assert seen == {"Corner", "Garden"} and operations >= 4


def test_settings_that_the_key_before_signed_stay_in_force_at_the_next_start(shop, bench):
    _state, store, _image = shop
    _, changed = params.hand(bench, packages.request(_package(store, {"shop": {"name": "Corner"}})))
    assert changed
    label = store.make("signing")
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = bench.flash.data
        service.start()
        asked = packages.request(packages.next_key(store))
        service.ask(asked.pop("op"), **asked)
        row = _settings(bytes(service.bench.flash.data))
    store.retire(label)
    assert row["sound"] and row["owner"]["shop"]["name"] == "Corner"


def test_the_next_signing_key_needs_both_signatures_and_then_alone_counts(shop, bench):
    _state, store, _image = shop
    label = store.make("signing")
    package = packages.next_key(store)
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = bench.flash.data
        service.start()
        asked = {**packages.request(package)}
        asked.pop("op")
        for change, code in (({"signature_new": package["signature"]}, "S08"), ({"signature": package["signature_new"]}, "S08"),
                             ({"text": store.public("signing/1").hex()}, "S09")):
            with pytest.raises(Refused) as refused:
                service.ask("signing_key", **{**asked, **change})
            assert refused.value.args[0] == code
        service.ask("signing_key", **asked)
        old = packages.sign(store, packages.build(packages.PARAMETERS, "{}"), "signing/1")
        new = packages.sign(store, packages.build(packages.PARAMETERS, "{}"), label)
        for package, wanted in ((old, ("S08", "")), (new, ("P01", "service mode"))):        # good, but nothing runs in which it could count
            words = {**packages.request(package)}
            words.pop("op")
            with pytest.raises(Refused) as refused:
                service.ask("stage_signed", **words)
            assert refused.value.args == wanted
    store.retire(label)


def test_the_command_builds_signs_looks_and_sends(shop, tmp_path):
    state = str(shop[0])
    file, package = tmp_path / "shop.toml", tmp_path / "package.json"
    file.write_text('[shop]\nname = "Kiosk"\n')
    assert verb.build(QUIET, state, file, package, None, 0, 30)[1]["kind"] == "parameters"
    assert verb.verify(QUIET, state, package) == (1, {"ok": False, "wrong": ["it is not signed"]})
    with pytest.raises(Refused):
        verb.send(QUIET, state, package)
    assert verb.sign(QUIET, state, package)[1]["signed"]
    assert verb.verify(QUIET, state, package) == (0, {"ok": True, "wrong": []})
    status, answer = verb.send(QUIET, state, package)
    assert status == 0 and answer["changed"][0]["after"] == "Kiosk"
    broken = json.loads(package.read_text())
    broken["text"] = broken["text"].replace("Kiosk", "Kiosx")
    package.write_text(json.dumps(broken))
    assert verb.verify(QUIET, state, package)[1]["wrong"] == ["its part is not the one that was signed"]
    file.write_text("[shop]\nname = 7\n")
    assert verb.build(QUIET, state, file, package, None, 0, 30)[0] == 1
    package.write_text("{}")
    with pytest.raises(packages.BadPackage):
        verb.send(QUIET, state, package)
