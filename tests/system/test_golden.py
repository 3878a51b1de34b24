# test_golden.py: each screen and paper of a few payments, pinned: its words and a hash of its dots, one small file a test.
# `make golden` writes them anew; what changed is then in the diff, and the pictures in build/golden.
import hashlib
import json
from pathlib import Path

import drawn
import pytest
from hands import Hands

from microtill import glyphs
from microtill.bench import firmware, ocr
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


SCENES = [approved_with_pin, declined, cancelled, undone, no_answer, recovered, paper_out]
SAID = {                            # what the scenes wait for, in other manners than plain English
    "zh": {"Key an amount": "请输入金额", "Tap a card": "请刷卡", "Enter PIN": "输入密码", "Approved": "付款成功", "Declined": "付款未成功"},
    "large": {"Enter PIN": "PIN, then D"},
}
SETTINGS = {"zh": {"shop": {"languages": ["zh", "en"], "name": "微讯茶馆", "address": "南京东路一号"}}, "large": {"people": {"large_text": True}}}


class Spoken(Hands):
    """A person who reads another language, or large letters."""
    said = {}

    def sees(self, words, within_ms=60_000):
        return Hands.sees(self, self.said.get(words, words), within_ms)


@pytest.fixture(scope="session")
def image_in(image):
    """image_in(manner): the keyed flash with the settings of a manner of SETTINGS, made once."""
    from microtill.verbs import params
    made = {}

    def make(manner):
        if manner not in made:
            till = Hands(image)
            try:
                till.ready()
                problems, _ = params.into(till.bench, params.with_letters(SETTINGS[manner]))
                assert problems == []
                made[manner] = bytes(till.bench.flash.data)
            finally:
                till.close()
        return made[manner]
    return make


@pytest.fixture
def font():
    return drawn.needs_font()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_screens_and_papers(scene, image, request):
    _pin_a_scene(scene, Hands(image), scene.__name__, request)


@pytest.mark.parametrize("scene", [approved_with_pin, declined], ids=lambda scene: scene.__name__)
@pytest.mark.parametrize("manner", list(SETTINGS))
def test_screens_and_papers_in_chinese_and_large(scene, manner, image_in, font, request):
    till = Spoken(image_in(manner))
    till.said = SAID[manner]
    _pin_a_scene(scene, till, "%s_%s" % (scene.__name__, manner), request)


def _pin_a_scene(scene, till, name, request):
    seen = []
    till.bench.on_screen = lambda text: seen.append((text, till.bench.screen.pixels(), till.bench.screen.image(4)))
    try:
        scene(till)
        papers = [(paper.text, paper.image) for paper in till.bench.printer.receipts]
    finally:
        till.close()
    got = {"screens": [_pinned(text, pixels) for text, pixels, _ in seen], "papers": [_pinned(text, image.tobytes()) for text, image in papers]}
    if _kept(name, got, request):
        _pictures(name, [image for _, _, image in seen] + [image for _, image in papers])


def _kept(name, got, request):
    """Compare with what is pinned, or pin it anew: then True."""
    path = GOLDEN / (name + ".json")
    anew = request.config.getoption("--golden")
    if anew:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(json.dumps(got, indent=1, ensure_ascii=False) + "\n")
    assert json.loads(path.read_text()) == got
    return anew


def _pinned(text, dots):
    return {"text": text.split("\n"), "sha256": hashlib.sha256(bytes(dots)).hexdigest()[:16]}


def _pictures(name, images):
    BUILD.mkdir(parents=True, exist_ok=True)
    for n, image in enumerate(images):
        image.save(BUILD / ("%s-%02d.png" % (name, n)))


@pytest.mark.parametrize("language, large, training", [
    ("en", False, False), ("en", True, False), ("en", False, True), ("zh", False, False), ("zh", False, True)])
def test_every_screen_of_the_tables(language, large, training, font, request):
    name = "screens_" + language + "_large" * large + "_training" * training
    got = drawn.screens(language, large, training)
    if _kept(name, {screen: _pinned(text, pixels) for screen, _, text, pixels, _ in got}, request):
        _pictures(name, [drawn.sheet([image for *_, image in got], 6)])


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("language, values", [("en", drawn.usual), ("en", drawn.longest), ("zh", drawn.usual), ("zh", drawn.longest)])
@pytest.mark.parametrize("large", [False, True])
def test_every_screen_can_be_read_to_its_last_letter(language, large, training, values, font):
    for name, rows, text, _, _ in drawn.screens(language, large, training, values):
        plain = [row.lstrip("|") for row in rows]
        wanted = [(row[1:] if row[:1] in ("=", "!") else row).strip() for row in plain]
        assert [line.strip() for line in text.split("\n") if line.strip()] == [row for row in wanted if row], name


PAYMENT = {"stan": 17, "state": 2, "kind": 1, "amount_minor": 1375, "tip_minor": 125, "currency": 978, "unix": 1_767_600_000, "label": "VISA CREDIT",
           "aid": "A0000000031010", "pan": "476173******0119", "entry": "contactless", "cvm": "online_pin", "trigger": "3.17",
           "rrn": "600512345678", "auth": "A1B2C3", "response": "00"}
SHOPS = {"en": {"name": "Café Größe", "address": "1 Bench Street"}, "zh": {"name": "微讯茶馆", "address": "上海市黄浦区\n南京东路一号"}}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("language", list(SHOPS))
def test_receipts_and_a_report(language, training, font, request):
    shop = dict(SHOPS[language], terminal="TILL0001", merchant="MERCHANT0000001")
    unanswered = dict(PAYMENT, state=4, tip_minor=0, response="", auth="", rrn="", cvm="", reason="no_link")
    papers = drawn.papers(language, [PAYMENT, unanswered], shop, training, glyphs.letters(shop.values()), offset_min=60, test_label="test keys")
    name = "receipts_" + language + "_training" * training
    if _kept(name, [_pinned(paper.text, paper.image.tobytes()) for paper in papers], request):
        _pictures(name, [drawn.sheet([paper.image for paper in papers], 3)])


def test_a_third_language_is_one_more_file(image, font, tmp_path, monkeypatch):
    """Made up, built and booted: a terminal of a shop that speaks it, from power-on to a receipt."""
    from microtill.verbs import params
    text = (firmware.ROOT / glyphs.LANGUAGES / "en.py").read_text()
    for english, other in (('"=Tap a card', '"=Passe o cartão'), ('"Key an amount', '"Tecle o preço'), ('"=Approved', '"=Aprovado'),
                           ('"APPROVED', '"APROVAÇÃO'), ('"=Not now', '"=今は不可')):
        assert english in text
        text = text.replace(english, other)
    drawn.build(tmp_path, monkeypatch, extra={"xx.py": text})
    till = Spoken(image)
    try:
        till.ready()
        assert params.into(till.bench, {"shop": {"languages": ["xx"]}})[0] == []
        till.bench.cut()
        till.bench.start()
        till.said = {"Key an amount": "Tecle o preço", "Tap a card": "Passe o cartão", "Approved": "Aprovado"}
        till.ready().keys("D").sees("今は不可").pays()
        assert any("APROVAÇÃO" in text for text in till.papers())
    finally:
        till.close()


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
