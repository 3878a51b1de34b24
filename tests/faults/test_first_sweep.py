# test_first_sweep.py: a sale cut at every flash operation (none, half or all of it done) and the line cut at every message: one effect, always.
from concurrent.futures import ProcessPoolExecutor

import pytest

from microtill import sweep


def _one(arguments):
    image, fault, card, setup = arguments
    return sweep.sale(image, fault, card, setup=setup)


def _all(image, faults, card="visa-pin"):
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(_one, [(image, fault, card, None) for fault in faults]))


@pytest.fixture(scope="module")
def image():
    return sweep.keyed_image()


@pytest.fixture(scope="module")
def clean(image):
    verdict = sweep.sale(image)
    assert verdict.one_effect and verdict.terminal == 1 and verdict.operations >= 6
    return verdict


def test_power_cut_at_every_flash_operation_of_a_sale(image, clean):
    faults = [("power", operation, share) for operation in range(1, clean.operations + 1) for share in sweep.SHARES]
    verdicts = _all(image, faults)
    assert [v.fault for v in verdicts if not v.one_effect] == []
    assert {v.lives for v in verdicts} == {2}                   # each cut was real
    assert {v.terminal for v in verdicts} == {0, 1}             # before the answer was written down it is undone, after it stands
    print("%d power cuts" % len(verdicts))


def test_the_line_cut_at_every_message_of_a_sale(image, clean):
    faults = [("link", direction, burst) for direction, count in clean.bursts.items() for burst in range(1, count + 1)]
    assert len(faults) >= 4                                     # sign-on and sale, there and back
    verdicts = _all(image, faults)
    assert [v.fault for v in verdicts if not v.one_effect] == []
    assert any(v.terminal == 0 for v in verdicts)
    print("%d cut lines" % len(verdicts))


def test_a_declined_sale_cut_anywhere_never_moves_money(image):
    count = sweep.sale(image, card="no-funds").operations
    verdicts = _all(image, [("power", operation, 0.5) for operation in range(1, count + 1)], card="no-funds")
    assert all(v.one_effect and v.terminal == 0 for v in verdicts)


def test_power_lost_at_random_moments(image):
    """Not only in flash operations: at fifty moments of the sale, wherever the firmware is."""
    with ProcessPoolExecutor(2) as pool:
        verdicts = list(pool.map(_moment, [(image, 200 + 151 * n) for n in range(50)]))
    assert [v.fault for v in verdicts if not v.one_effect] == []


def _moment(arguments):
    image, at_ms = arguments
    return sweep.sale_cut_at(image, at_ms)


MUTANTS = {
    "a sale that is sent before it is written down": (
        "firmware/till/money/ledger.py", "        self._write(records.PAYMENT, values)\n",
        "        self._learn(self._ring.sequence, records.PAYMENT, values)\n"),
    "what was open at a restart taken for declined": (
        "firmware/till/flows/recover.py", 'till.ledger.happened(payment["stan"], "restarted")',
        'till.ledger.happened(payment["stan"], "declined")'),
    "a reversal forgotten at the start": (
        "firmware/till/money/ledger.py", "        for sequence, _number, kind, payload in self._ring.records(self._ring.keep):\n",
        "        for sequence, _number, kind, payload in ():\n"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_sweep_has_teeth(name, image, clean, tmp_path, monkeypatch):
    """Broken on purpose, one line at a time: some cut must end wrong."""
    assert _with(tmp_path, monkeypatch, *MUTANTS[name], image, clean)


def _with(tmp_path, monkeypatch, name, before, after, image, clean):
    """Any violation of the power sweep on a firmware with this line changed?"""
    import shutil

    from microtill.bench import firmware
    tree = tmp_path / "tree"
    for folder in firmware.FOLDERS:
        shutil.copytree(firmware.ROOT / folder, tree / folder)
    text = (tree / name).read_text()
    assert text.count(before) == 1, "the line to break has moved"
    (tree / name).write_text(text.replace(before, after))
    built = firmware.compiled(tree, build=tmp_path / "build")
    monkeypatch.setattr(firmware, "compiled", lambda *a, **k: built)
    for operation in range(1, clean.operations + 1):
        for share in (0.5, 0.9, 1.0):
            if not sweep.sale(image, ("power", operation, share)).one_effect:
                return True
    return False
