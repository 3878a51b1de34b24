# test_page_words.py: in Chinese every word of the page is Chinese: each word that the bench may say has a line in the page's tables, and no English
# sentence stands in a story, among what happened, or where an act was refused. What display and paper read is in the terminal's own language.
import ast
import re
from pathlib import Path

import pytest

from microtill.bench.cards.wallet import Wallet
from microtill.names import apdu, bits, host, rules, tags

CONSOLE = Path(__file__).resolve().parents[2] / "host-tools" / "microtill" / "console"
PROTOCOL = re.compile(r"GET PROCESSING OPTIONS|READ RECORD|GENERATE AC|GET DATA|SELECT|Page Program|Sector Erase|AES-CMAC|NIST SP|ANSI X|EMV|ISO")
SENTENCE = re.compile(r"[A-Za-z][A-Za-z'’-]+(?:[ ,:;]+[A-Za-z][A-Za-z'’-]+){2,}")
_QUOTED = "code, pre, .heard, #said, script, [data-do=lang]"       # codes, paper, display, and the button to the other language
_TEXTS = """([under, quoted]) => {
  const texts = [], walk = document.createTreeWalker(document.querySelector(under), NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (!node.parentElement.closest(quoted) && node.parentElement.checkVisibility()) texts.push(node.data);
  return texts;
}"""


def english(page, under):
    """The English sentences that a person can see there."""
    return [text for text in page.evaluate(_TEXTS, [under, _QUOTED]) if SENTENCE.search(PROTOCOL.sub("", text))]


def test_the_judge_of_sentences_knows_one():
    assert SENTENCE.search("no answer: the card has left") and not SENTENCE.search(PROTOCOL.sub("", "GET PROCESSING OPTIONS, 按 PDOL 提供"))


@pytest.mark.parametrize("keys, card, pin, ends", [
    ("1250D", "visa", "", "approved"), ("6000D", "visa-pin", "1234D", "approved"), ("6000D", "mc-pin", "2468D", "approved"),
    ("500D", "expired", "", "declined"), ("500D", "phone", "", "approved"), ("500D", "pulled", "", "again")])
def test_no_english_sentence_stands_in_a_chinese_story(visit, keys, card, pin, ends):
    person = visit("lang=zh&tour=off").sees("ready").keys(keys).sees("tap").tap(card)
    if pin:
        person.steps_to("pin").keys(pin)
    person.steps_to(ends)
    if ends == "approved":
        person.steps_for("#tear:not([hidden])")
    person.page.locator(".ev.started .head").first.click()
    person.waits_for(".story details").page.eval_on_selector_all(".story details", "all => all.forEach(one => { one.open = true; })")
    assert len(person.page.query_selector_all(".story details")) > 4
    assert english(person.page, "body") == []


def test_no_english_sentence_stands_on_a_chinese_page_when_things_go_wrong(visit):
    person = visit("lang=zh&tour=on").sees("ready")
    for fault in ({"fault": "key_stuck", "key": "5"}, {"fault": "reader_deaf", "remedy": "wake"}, {"fault": "garbled_byte", "line": "printer"},
                  {"fault": "sensor", "sensor": "rtc", "how": "mad"}, {"fault": "key_free"}, {"fault": "reader_well"}):
        person.console.ask("fault", fault)
    person.console.ask("environment", {"mains": False, "lux": 3, "case_open": True, "paper": "low"})
    person.console.ask("settings", {"owner": {"shop": {"name": "Corner"}}})
    person.page.click("#zone")
    person.waits_for("#zone.busy").press("拔掉插头").sees("off").waits_for(".ev:has-text('断电')")
    person.page.check('#pace input[value="paused"]', force=True)
    person.press("下一事件").reads("未通电的终端没有下一事件")
    assert english(person.page, "body") == []
    person.page.click("#tab-faults")
    person.press("保存或重放记录")
    assert english(person.page, "body") == []


def spoken():
    """Every word of the bench's own tables that a story may hold."""
    out = {word for table in [*bits.TABLES.values(), *bits._AIP.values()] for byte in table for word in byte if word}
    out |= {*bits.METHODS.values(), *bits.CONDITIONS.values(), *bits.RESULTS.values(), *bits._KINDS.values(), *filter(None, bits._ADVICE)}
    for tag, value in (("8E", "0000000000000000420301031F00"), ("94", "08010100100102010C"), ("9F34", "420302"), ("9F27", "89")):
        out |= set(bits.of(tag, value[:len(value) // 8 * 8] if tag == "94" else value))
    out |= {card["about"] for card in Wallet(None).promises()}
    return out | {"application A0", "file 1, record 1", "what the PDOL asked for", "the card asked for nothing", "a reserved kind",
                  *("asks for %s" % words for words in apdu._ASKED.values())}


def refusals():
    """The words of every refusal that somebody at the page may meet: those of what is not possible now, %s for what is filled in."""
    out = set()
    for path in CONSOLE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and getattr(node.args[0], "value", "") == "C409":
                words = node.args[1].left if isinstance(node.args[1], ast.BinOp) else node.args[1]
                if isinstance(words, ast.Constant):
                    out.add(words.value.replace("%d", "%s"))
    return out


def test_every_word_that_the_bench_says_has_chinese(visit):
    page = visit("lang=zh").sees("ready").page
    asked = sorted(spoken()) + [words.replace("%s", "7") for words in sorted(refusals())]
    told = page.evaluate("words => import('/static/js/phrases.js').then(phrases => words.map(each => phrases.chinese(each)))", asked)
    assert len(refusals()) > 12 and [words for words, chinese in zip(asked, told, strict=True) if not chinese] == []
    assert [chinese for chinese in told if SENTENCE.search(PROTOCOL.sub("", chinese or ""))] == []


def test_every_tag_field_message_and_decision_has_words(visit):
    page = visit("lang=en").sees("ready").page
    words = set(page.evaluate("import('/static/js/words.js').then(words => Object.keys(words.WORDS))"))
    wanted = ({"tag.%s" % tag for tag in tags.TAGS} | {"field.%s" % field for field in host.FIELDS} | {"mti.%s" % mti for mti in host.MESSAGES}
              | {"decision.%s" % name for name in rules.STEPS} | {"meaning.39.%s" % code for code in host.RESPONSES}
              | {"value.%s" % name for name in (*rules.CVMS, *(set(rules.TAPS) - {"start"}))})
    assert wanted - words == set()


def test_a_clause_keeps_its_documents_and_loses_its_english(visit):
    page = visit("lang=zh").sees("ready").page
    clauses = sorted({clause for table in (rules.GUARDS, rules.REFUSALS, rules.MONEY, rules.STEPS) for _words, clause in table.values()}
                     | {clause for _name, clause, _kind in tags.TAGS.values()} | {clause for _name, clause in apdu.COMMANDS.values()}
                     | set(host._CLAUSES.values()) | {host.clause("0200"), "W25Q datasheet 8.2 (Page Program, Sector Erase)"})
    told = page.evaluate("all => import('/static/js/phrases.js').then(phrases => all.map(phrases.cited))", clauses)
    assert [clause for clause in told if SENTENCE.search(PROTOCOL.sub("", clause))] == []


def test_what_was_refused_in_one_language_is_told_again_in_the_other(visit):
    person = visit("lang=en&tour=off").sees("ready").keys("1250D").sees("tap")
    person.page.check('#how input[value="hold"]', force=True)
    person.tap("visa").waits_for("#zone.busy").tap("mc").waits_for('[data-card="mc"].away').tap("phone").reads("Two cards are in the field")
    person.press("中文").reads("感应区已有两张卡")
    assert english(person.page, "body") == []
    person.press("English").reads("Two cards are in the field")
