# test_zeroise.py: every key of a terminal is destroyed: nothing of it on flash, no counter given twice, and no cut leaves it in between.
import os

import pytest

from microtill import demo, provisioning
from microtill.bench.bench import Bench
from microtill.keys import opened
from microtill.show import Output
from microtill.terminal import NoAnswer, Refused, Service, install_demo
from microtill.verbs import zeroise as verb
from microtill.verbs.pay import pay

QUIET = Output(as_json=True)
SLOTS = slice(2 * 4096, 6 * 4096)       # where on flash the vault's slots lie
BOUND_MS = 1_000                        # of stepped time


def on(image):
    """A terminal in service mode with this flash."""
    service = Service(None)
    service.start()
    service.bench.cut()
    service.bench.flash.data[:] = image
    service.start()
    return service


def key_material(image):
    """The sealed keys as they lie on flash: what must be gone."""
    slots = bytes(image[SLOTS])
    return [slots[at:at + 32] for at in range(0, len(slots), 32) if slots[at:at + 32].strip(b"\xff")]


def test_nothing_of_a_key_is_left_on_flash_within_a_second(image):
    held = key_material(image)
    with on(image) as service:
        began = service.bench.world.now
        service.ask("zeroise", serial=demo.SERIAL)
        assert service.bench.world.now - began < BOUND_MS * 1000
        after = bytes(service.bench.flash.data)
        assert not service.ask("identity")[0]["keyed"]
        assert [words for row in service.ask("audit") for words in [row["words"]]] == ["zeroise " + demo.SERIAL]
    left = [piece for piece in held if piece in after]
    assert len(held) > 20 and all(len(set(piece)) <= 2 for piece in left)         # but for what is nothing: a header's filling


def test_another_serial_or_a_running_terminal_destroys_nothing(image):
    with on(image) as service:
        for serial in ("", "MT-OTHER", None, 7):
            with pytest.raises(Refused):
                service.ask("zeroise", serial=serial)
        assert service.ask("identity")[0]["keyed"]
    bench = Bench(None)
    bench.flash.data[:] = image
    bench.start()
    try:
        bench.run(lambda: bench.console.ready, 60_000)
        bench.console.ask({"op": "zeroise", "serial": demo.SERIAL})
        bench.run(bench.console.answered, 60_000)
        assert (bench.console.last["code"], bench.console.last["word"]) == ("P01", "not in service mode")
    finally:
        bench.close()


def test_once_begun_it_comes_to_its_end_whatever_is_cut(image):
    with on(image) as service:
        before = service.bench.flash.operations
        service.ask("zeroise", serial=demo.SERIAL)
        operations = service.bench.flash.operations - before
    ends = []
    for number in range(1, operations + 1):
        for share in (0.0, 0.5, 1.0) if number in (5, operations) else (0.5,):
            with on(image) as service:
                service.bench.flash.cut = (service.bench.flash.operations + number, share)
                with pytest.raises(NoAnswer):
                    service.ask("zeroise", serial=demo.SERIAL)
                keyed = service.ask("identity")[0]["keyed"]
                ends.append((number, share, keyed))
                if not keyed:                       # blank, and ready to be keyed again
                    install_demo(service)
                    assert service.ask("identity")[0]["keyed"]
    last_keyed = max((number for number, _share, keyed in ends if keyed), default=0)
    assert last_keyed <= 5 < operations, ends       # the record of it, then the latch: from there on there is no way back
    assert all(not keyed for number, _share, keyed in ends if number > last_keyed)


def test_a_terminal_that_is_keyed_anew_never_gives_a_counter_twice(tmp_path, monkeypatch):
    monkeypatch.setenv(opened.PIN, "135790")
    store = opened.init(tmp_path, "file")
    provisioning.provision(tmp_path, store, "MT-Z-1")
    counters = []

    def hear(bench):
        bench.bank.wire.append(lambda way, data: counters.append(data[data.index(b"\xdf\x01\x0c") + 11:][:4]) if way == "request" else None)
    assert pay(tmp_path, "3.00", "visa", setup=hear)["outcome"] == "approved"
    assert verb.zeroise(QUIET, str(tmp_path), "MT-Z-1", False) == (0, {"serial": "MT-Z-1", "blank": True, "open": []})
    assert pay(tmp_path, "3.00", "visa")["reason"] == "S01"
    provisioning.provision(tmp_path, store, "MT-Z-1")
    assert pay(tmp_path, "4.00", "visa", setup=hear)["outcome"] == "approved"
    assert len(counters) == len(set(counters)) >= 4 and counters == sorted(counters)


def test_a_terminal_that_owes_is_not_emptied_by_mistake(tmp_path):
    def mood(bench):
        bench.bank.moods.extend(["honest"] + ["never"] * 40)
    assert pay(tmp_path, "3.00", "visa", setup=mood)["outcome"] == "unknown"
    with pytest.raises(verb.Owes) as owes:
        verb.zeroise(QUIET, str(tmp_path), demo.SERIAL, False)
    assert owes.value.code == "K13"
    assert os.path.exists(tmp_path / "flash.bin")
    assert verb.zeroise(QUIET, str(tmp_path), demo.SERIAL, True)[1]["blank"]
