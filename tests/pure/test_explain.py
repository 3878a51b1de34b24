# test_explain.py: a story of real rows told step by step: what is in it, where it is found, and that no account number is.
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microtill import demo
from microtill.bench.acquirer import moods
from microtill.bench.bench import Bench
from microtill.names import debt, told
from microtill.show import Output
from microtill.terminal import provision_demo
from microtill.verbs import explain as verb
from microtill.verbs import pay

QUIET = Output(quiet=True)


def unanswered(bench):
    bench.bank.moods.extend([moods.HONEST, moods.NEVER])       # the sign-on is answered, the sale is not


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A state folder after three payments: PIN approved; no answer and reversed; M/Chip approved. (folder, their answers)"""
    state = tmp_path_factory.mktemp("told")
    return state, [pay.pay(state, "12.50", "visa-pin", "1234"), pay.pay(state, "7.00", "visa", seed=2, setup=unanswered),
                   pay.pay(state, "60.00", "mc-pin", "2468", seed=3)]


def steps(state, ident):
    status, data = verb.explain(QUIET, state, ident)
    assert status == 0
    return data


def test_a_payment_with_a_pin_from_guard_to_outcome(shop):
    state, answers = shop
    data = steps(state, answers[0]["trigger"])
    kinds = [step["what"] for step in data["steps"]]
    assert kinds[0] == "guard"
    assert set(kinds) == {"trigger", "guard", "screen", "card", "decision", "record", "host", "flash", "paper", "act", "outcome"}
    assert [step["n"] for step in data["steps"]] == list(range(1, len(kinds) + 1))
    assert all(step["clause"] for step in data["steps"] if step["what"] != "act") and all(step["t_ms"] >= 0 for step in data["steps"])
    clauses = {step["clause"] for step in data["steps"]}
    assert {"EMV Contactless Book B 3.3.2", "ISO 8583:1987 0200", "EMV Contactless Book C-3 annex (TTQ)", "docs/money.md rule 2"} <= clauses


def test_card_and_bank_are_unfolded(shop):
    state, answers = shop
    data = steps(state, answers[0]["trigger"])
    gpo = next(step["details"] for step in data["steps"] if step["details"].get("name") == "GET PROCESSING OPTIONS")
    assert [one["tag"] for one in gpo["asked"]][:2] == ["9F66", "9F02"] and gpo["asked"][1]["amount_minor"] == 12_50
    by_tag = {one["tag"]: one for one in gpo["tags"]}
    assert by_tag["9F6C"]["bits"] == ["byte 1 bit 8: online PIN required"] and re.fullmatch(r"401288\*{6}1881D\*+", by_tag["57"]["value"])
    request = next(step["details"] for step in data["steps"] if step["details"].get("mti") == "0200" and "fields" in step["details"])
    private = next(one for one in request["fields"] if one["field"] == 126)
    assert [one["tag"] for one in private["tags"]] == ["DF01", "DF02", "DF03", "DF04", "DF05"]
    assert private["tags"][0]["name"] == "key serial number (KSN)" and private["tags"][4]["text"] == answers[0]["trigger"]


def test_mchip_data_are_named_by_what_the_card_asked_for(shop):
    state, answers = shop
    ac = next(step for step in steps(state, answers[2]["trigger"])["steps"] if step["details"].get("name") == "GENERATE AC")
    by_tag = {one["tag"]: one for one in ac["details"]["asked"]}
    assert ac["clause"] == "EMV Book 3 6.5.5 GENERATE AC" and by_tag["9F02"]["amount_minor"] == 60_00
    assert "byte 3 bit 3: online PIN entered" in by_tag["95"]["bits"]


def test_flash_is_tied_to_its_record(shop):
    state, answers = shop
    flash = [step["details"] for step in steps(state, answers[0]["trigger"])["steps"] if step["what"] == "flash"]
    records = [one["record"] for one in flash if one["area"] == "journal"]
    assert records[:2] == ["the record that payment 2 is owed", "the record that payment 2 is approved"]
    assert all(one["programs"] == len(one["operations"]) and one["bytes"] > 0 for one in flash)


def test_a_reversal_belongs_to_the_story_of_its_payment(shop):
    state, answers = shop
    data = steps(state, answers[1]["trigger"])
    mtis = [step["details"].get("mti") for step in data["steps"] if "fields" in step["details"]]
    assert mtis.index("0200") < mtis.index("0400") < mtis.index("0410")
    assert [step["details"]["state"] for step in data["steps"] if step["what"] == "record"] == ["owed", "reversal due", "reversed"]


def test_a_reversal_in_a_later_life_too(tmp_path):
    def row(life, at, kind, trigger, **more):
        return {"t_us": at * 1000, "at": "2026-01-05T09:0%d:00.%03d+00:00" % (life, at), "life": 1, "kind": kind, "trigger": trigger,
                **more}
    story = [row(1, 0, "power", ""),
             row(1, 1, "trigger", "1.2", origin="customer", name="digit", end="started", lane="front", flow="flows.sale"),
             row(1, 2, "money", "1.2", state="owed", stan="9", what="100"), row(2, 0, "power", ""), row(2, 1, "display", "", text="other"),
             row(2, 4, "money", "1.2", state="reversed", stan="9", what="reversed")]
    (tmp_path / "story.jsonl").write_text("".join(json.dumps(one) + "\n" for one in story))
    found = steps(tmp_path, "9")["steps"]
    said = [step["text"].split(":")[0] for step in found]
    assert said == ["a digit was keyed", "payment 9 is owed", "power comes on", "payment 9 is reversed"]
    assert found[-1]["t_ms"] == 60_003


def test_found_by_stan_by_trigger_and_as_last(shop):
    state, answers = shop
    for answer in answers:
        for ident in (str(answer["stan"]), "%06d" % answer["stan"], answer["trigger"]):
            assert steps(state, ident)["trigger"] == answer["trigger"]
    assert steps(state, "last")["trigger"] == answers[2]["trigger"]
    reversal = next(step for step in steps(state, answers[1]["trigger"])["steps"] if step["details"].get("mti") == "0400")
    assert steps(state, reversal["details"]["stan"])["trigger"] == answers[1]["trigger"]


@pytest.mark.parametrize("ident", ["99.1", "999999", "nonsense", "\u0663"])
def test_what_is_not_there_is_u04(shop, ident):
    with pytest.raises(verb.NothingTold) as told_why:
        verb.explain(QUIET, shop[0], ident)
    assert told_why.value.code == "U04" and len(told_why.value.args[0]) > 10


def test_an_empty_folder_is_u04(tmp_path):
    with pytest.raises(verb.NothingTold, match="make a payment first"):
        verb.explain(QUIET, tmp_path, "last")


def test_without_a_payment_last_is_the_last_start():
    rows = [{"kind": "trigger", "trigger": "1.%d" % n, "lane": "front", "end": end}
            for n, end in ((1, "started"), (2, "started"), (3, "refused"))]
    assert verb.find(rows, "last") == "1.2"


def test_people_read_heads_within_a_hundred_columns(shop, capsys):
    state, answers = shop
    verb.explain(Output(), state, "last")
    lines = capsys.readouterr().out.split("\n")
    assert [line for line in lines if line in told.HEADS] == list(told.HEADS)
    assert max(len(line) for line in lines) <= 100


def test_no_account_number_is_told(shop, capsys):
    state, answers = shop
    for answer in answers:
        _status, data = verb.explain(Output(), state, answer["trigger"])
        text = capsys.readouterr().out + json.dumps(data)
        assert not [person.name for person in demo.CARDS if person.pan in text]


_VALUES = st.one_of(st.none(), st.integers(-1, 99999), st.text("0123456789ABCDEF*. ", max_size=30),
                    st.sampled_from([person.pan for person in demo.CARDS]))
_KEYS = ("command", "response", "took_us", "text", "name", "value", "outcome", "reason", "what", "mti", "direction", "state", "stan",
         "code", "operation", "address", "size", "copy", "result", "fields")
_KINDS = ("trigger", "guard", "flow", "screen", "display", "act", "power", "died", "device", "tap", "apdu", "card", "step", "message",
          "host", "signed_on", "owed", "dropped", "link", "money", "receipt", "paper", "outcome", "flash", "never heard of")
_ROWS = st.tuples(st.sampled_from(_KINDS), st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=5))


@given(st.lists(_ROWS, max_size=8))
def test_odd_rows_are_told_as_far_as_they_go_and_without_accounts(odd):
    rows = [{"kind": "trigger", "trigger": "1.1"}] + [{"kind": kind, "trigger": "1.1", **fields} for kind, fields in odd]
    text = json.dumps(verb.steps_of(rows, "1.1"))
    assert not [person.name for person in demo.CARDS if person.pan in text]


def test_a_debt_that_was_paid_tells_why_and_each_attempt(shop, capsys):
    state, answers = shop
    _status, data = verb.explain(Output(), state, answers[1]["trigger"])
    owed, said = data["owed"], capsys.readouterr().out
    assert (owed["state"], owed["next"]) == ("reversed", "") and "no answer that can be believed" in owed["why"]
    assert [(each["sent"], each["result"]) for each in owed["attempts"]] == [("0400", "the bank has undone it (00)")]
    assert "What was owed" in said and "1. %s: 0400 sent" % owed["attempts"][0]["at"] in said
    assert "owed" not in verb.explain(QUIET, state, answers[0]["trigger"])[1]


class Debt:
    """A terminal with a payment that the bank never answered, by scene: what became of the bank, and of the power."""

    def __init__(self, folder):
        self.state = folder / "state"
        provision_demo(self.state)
        self.bench = Bench(self.state)
        self.bench.start()
        self.sees("Key an amount")
        for label in "1250D":
            self.bench.press(label)
            self.bench.run(lambda: False, 250)
        self.sees("Tap a card")
        self.bench.bank.moods.append("never")
        card = self.bench.wallet.card("visa")
        self.bench.tap(card)
        self.bench.later(1_500_000, self.bench.pull, card)

    def sees(self, words, within_ms=60_000):
        assert self.bench.run(lambda: words in self.bench.shown, within_ms), self.bench.shown

    def told(self):
        """What explain says of it, after the bench has been switched off."""
        self.bench.close()
        data = steps(self.state, "last")
        lines = list(debt.lines(data["owed"]))
        return data["owed"], lines


def gone(one):
    one.sees("Asking")
    one.bench.network.refuse = True
    one.sees("No answer")
    one.bench.run(lambda: False, 35_000)


def lying(one):
    one.bench.bank.moods.append("garbage")
    one.sees("No answer")
    one.bench.run(lambda: False, 35_000)


def cut(one):
    one.sees("Asking")
    one.bench.cut()
    one.bench.network.off = True
    one.bench.start()
    one.bench.run(lambda: False, 15_000)


def back(one):
    gone(one)
    one.bench.network.refuse = False
    one.bench.run(lambda: False, 60_000)


@pytest.mark.parametrize("scene, state, why, results", [
    (gone, "reversal due", "no answer", ["no connection, or it broke"] * 2),
    (lying, "reversal due", "no answer", ["a deadline passed"]),
    (cut, "reversal due", "the power went", ["a deadline passed"]),
    (back, "reversed", "no answer", ["no connection, or it broke"] * 2),
], ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_owed_is_told_with_each_attempt_and_what_comes_next(scene, state, why, results, tmp_path):
    one = Debt(tmp_path)
    scene(one)
    owed, lines = one.told()
    assert owed["state"] == state and why in owed["why"]
    assert [each["result"] for each in owed["attempts"]][:len(results)] == results
    times = [each["at"] for each in owed["attempts"]]
    assert times == sorted(times) and owed["since"] <= times[0]
    if state == "reversed":
        assert owed["attempts"][-1]["result"] == "the bank has undone it (00)" and owed["next"] == ""
        assert not any(line.startswith("next") for line in lines)
    else:
        assert re.match(r"the next attempt at 2026-01-05T09:\d\d:\d\d\+00:00, \d+ s after that, or first of all after a start", owed["next"])
        assert owed["next"].split(" at ")[1][:25] > times[-1] and lines[-1].startswith("next: ")
