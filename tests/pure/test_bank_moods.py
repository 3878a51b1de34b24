# test_bank_moods.py: a bank that misbehaves on request: the books are right whatever it says, and each lie is exactly one lie.
import datetime

import pytest
from test_bank_double import Shop

from microtill.bench.acquirer import bank, messages, moods, tls


@pytest.fixture
def shop():
    return Shop()


def heard(shop, *bad):
    """What the line carries for one sale under these moods."""
    shop.bank.moods.extend(bad)
    return shop.bank.replies(shop.till.sale(shop.tap("visa")))


def test_an_honest_bank_thinks_and_answers(shop):
    (delay_us, answer), = heard(shop)
    assert delay_us == shop.bank.think_us and shop.till.read(answer)[39] == "00"


def test_never_twice_and_late(shop):
    assert heard(shop, moods.NEVER) == []
    first, second = heard(shop, moods.TWICE)
    assert first[1] == second[1] and first[0] < second[0]
    assert heard(shop, moods.late(31_000))[0][0] == 31_000_000 + shop.bank.think_us
    assert shop.bank.effects() == 3


def test_moods_are_spent_in_order(shop):
    shop.bank.moods.extend([moods.HONEST, moods.NEVER])
    assert [len(heard(shop)) for _ in range(3)] == [1, 0, 1]


@pytest.mark.parametrize(("mood", "field"), [(moods.WRONG_STAN, 11), (moods.WRONG_AMOUNT, 4), (moods.WRONG_KSN, 126)])
def test_a_lie_with_a_good_mac(shop, mood, field):
    request = shop.till.sale(shop.tap("visa"))
    shop.bank.moods.append(mood)
    lie = messages.decode(shop.bank.replies(request)[0][1])
    truth = messages.decode(shop.bank.handle(request))
    assert {number for number in truth.fields if truth[number] != lie[number]} == {field, 128}
    shop.till.ksn = lambda at=None: messages.private_set(truth)["DF01"]
    assert messages.genuine(lie, shop.till.key(0x2001))


def test_a_partial_approval_is_taken_back_like_any_other(shop):
    request = shop.till.sale(shop.tap("visa"))
    shop.bank.moods.append("partial")
    said = shop.till.read(shop.bank.replies(request)[0][1])
    assert (said[39], said[4]) == ("10", "000000000625")
    assert shop.ask(shop.till.reversal(request)) == "00" and shop.bank.effects() == 0


def test_a_wrong_mac_and_garbage(shop):
    request = shop.till.sale(shop.tap("visa"))
    shop.bank.moods.extend([moods.WRONG_MAC, moods.GARBAGE])
    wrong, garbage = shop.bank.replies(request)[0][1], shop.bank.replies(request)[0][1]
    truth = shop.bank.handle(request)
    assert wrong[:-1] == truth[:-1] and wrong != truth
    with pytest.raises(messages.BadMessage):
        messages.decode(garbage)


@pytest.mark.parametrize(("mood", "effects"), [(moods.CRASH_BEFORE, 0), (moods.CRASH_AFTER, 1)])
def test_a_bank_that_dies_says_nothing_and_keeps_what_it_had_synced(shop, mood, effects):
    request, heard_by = shop.till.sale(shop.tap("visa")), []
    shop.bank.wire.append(lambda direction, message: heard_by.append(direction))
    shop.bank.moods.append(mood)
    with pytest.raises(bank.Crashed):
        shop.bank.replies(request)
    assert (shop.bank.effects(), shop.bank.moods, heard_by, shop.bank.up) == (effects, [], ["request"], False)
    shop.bank.restart()
    again, = shop.bank.replies(request)                     # the very same, once more: done now, or told again what was done
    assert shop.till.read(again[1])[39] == "00" and shop.bank.effects() == 1


def test_a_bank_that_has_died_ends_its_lines_and_comes_back_by_itself(shop):
    shop.bank.moods.append("crash_after 2000")
    with pytest.raises(bank.Crashed):
        shop.bank.replies(shop.till.sale(shop.tap("visa")))
    line = tls.TlsBank(shop.bank).open()
    assert line.take(b"hello") == (b"", []) and line.closed and not tls.TlsBank(shop.bank).up
    after = shop.bank._now() + datetime.timedelta(seconds=2)
    shop.bank._now = lambda: after
    assert shop.bank.up


def test_a_mood_is_not_spent_on_nobody(shop):
    shop.bank.moods.append(moods.NEVER)
    assert shop.bank.replies(b"hello") is None
    assert shop.bank.moods == [moods.NEVER]


@pytest.mark.parametrize(("words", "mood"), [("twice", moods.TWICE), ("late 250", moods.late(250)), ("honest", moods.HONEST)])
def test_moods_by_name(words, mood):
    assert moods.named(words) == mood


@pytest.mark.parametrize("words", ["", "sulky", "late soon"])
def test_no_such_mood(words):
    with pytest.raises(ValueError, match="no such mood"):
        moods.named(words)


def test_the_wire_hears_both_ways(shop):
    traced = []
    shop.bank.wire.append(lambda direction, message: traced.append((direction, message)))
    request, answer = shop.sale()
    assert traced == [("request", request), ("response", answer)]
