# test_golden.py: each screen and paper of a few payments, pinned: its words and a hash of its dots, one small file a test.
# `make golden` writes them anew; what changed is then in the diff, and the pictures in build/golden.
import hashlib
import json
from pathlib import Path

import pytest
from hands import Hands

from microtill.bench import ocr
from microtill.bench.bench import Bench

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
BUILD = Path(__file__).resolve().parents[2] / "build" / "golden"


def approved_with_pin(till):
    till.ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("Enter PIN").keys("1234D").sees("Approved").ready()


def declined(till):
    till.ready().keys("1250D").sees("Tap a card").taps("no-funds").sees("Declined").ready()


def cancelled(till):
    till.ready().keys("5A").ready().keys("D").sees("That key").ready()


def undone(till):
    till.pays("300").keys("C").sees("Menu").keys("1").sees("Payment number").keys("2D").sees("do it").keys("D").sees("Take", 60_000).ready()
    till.keys("C").sees("Menu").keys("3").ready()


def no_answer(till):
    till.ready().waits(500).keys("700D").sees("Tap a card")
    till.bench.bank.moods.append("never")
    till.taps("visa").sees("No answer", 90_000).ready()


def recovered(till):
    till.ready().keys("700D").sees("Tap a card").taps("visa").sees("Asking")
    till.bench.cut()
    till.bench.start()
    till.sees("Power is back").ready()


def paper_out(till):
    till.ready().keys("700D").sees("Tap a card")
    till.bench.printer.paper_out()
    till.taps("visa").sees("Paper is out").keys("A").ready()


@pytest.mark.parametrize("scene", [approved_with_pin, declined, cancelled, undone, no_answer, recovered, paper_out], ids=lambda scene: scene.__name__)
def test_screens_and_papers(scene, image, request):
    till = Hands(image)
    seen = []
    till.bench.on_screen = lambda text: seen.append((text, till.bench.screen.pixels(), till.bench.screen.image(4)))
    try:
        scene(till)
        papers = [(paper.text, paper.image) for paper in till.bench.printer.receipts]
    finally:
        till.close()
    got = {"screens": [_pinned(text, pixels) for text, pixels, _ in seen], "papers": [_pinned(text, image.tobytes()) for text, image in papers]}
    path = GOLDEN / (scene.__name__ + ".json")
    if request.config.getoption("--golden"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(json.dumps(got, indent=1) + "\n")
        _pictures(scene.__name__, [image for _, _, image in seen] + [image for _, image in papers])
    assert json.loads(path.read_text()) == got


def _pinned(text, dots):
    return {"text": text.split("\n"), "sha256": hashlib.sha256(bytes(dots)).hexdigest()[:16]}


def _pictures(name, images):
    BUILD.mkdir(parents=True, exist_ok=True)
    for n, image in enumerate(images):
        image.save(BUILD / ("%s-%02d.png" % (name, n)))


def test_every_word_fits_its_screen():
    from till.ui.languages import en as words
    for name, rows in words.SCREENS.items():
        height = sum(2 if row.startswith("!") else 1 for row in rows)
        assert height <= 8, name
        for row in rows:
            plain = row.lstrip("=!").replace("%s", "")
            assert len(plain) <= (8 if row.startswith("!") else 16), (name, row)
    for table in (words.REASONS, words.REFUSALS, words.RECOVERED):
        for code, rows in table.items():
            assert all(len(row) <= 16 for row in rows), code


def test_every_reason_and_refusal_of_the_code_has_words():
    from pathlib import Path as P

    from till.triggers import engine
    from till.ui.languages import en as words
    guards = P(__file__).parents[2] / "firmware/till/triggers/guards.py"
    import re
    codes = set(re.findall(r'"([A-Z]\d\d)"', guards.read_text())) | {engine.BUSY, engine.FULL, engine.NO_RULE}
    assert codes <= set(words.REFUSALS)


def test_what_nobody_can_read_is_a_question_mark():
    bench = Bench(None)
    try:
        dots = bytearray(128 * 64)
        dots[5 * 128 + 7] = 1
        assert "?" in ocr.text(bytes(dots))
    finally:
        bench.close()
