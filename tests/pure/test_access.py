# test_access.py: log-in PINs: the slow hash is the one that everybody's library has, tries are counted before they are judged, and a wait doubles.
import asyncio
import hashlib
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import settings as running
from hypothesis import strategies as st

from microtill.verbs import params
from till.core.errors import NotKeyed
from till.crypto import pbkdf2
from till.secure import access
from till.store import settings as owners


def derived(password, salt, iterations):
    out, turns = bytearray(32), 0
    for _ in pbkdf2.turns(password, salt, iterations, out):
        turns += 1
    return bytes(out), turns


@running(max_examples=100, deadline=None)
@given(st.binary(max_size=64), st.binary(max_size=40), st.integers(1, 130))
def test_it_is_the_pbkdf2_of_everybody(password, salt, iterations):
    assert derived(password, salt, iterations)[0] == hashlib.pbkdf2_hmac("sha256", password, salt, iterations)


def test_published_values():
    """RFC 7914 section 11, first 32 bytes: PBKDF2-HMAC-SHA-256 alone."""
    assert derived(b"passwd", b"salt", 1)[0].hex() == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    assert derived(b"Password", b"NaCl", 80000)[0].hex() == "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"


def test_it_gives_others_a_turn_every_twenty_iterations():
    assert derived(b"1234", b"salt", 2000)[1] == 99


class Vault:
    """Digits, and what was installed."""

    def __init__(self):
        self.pin, self.pin_size, self.slots = bytearray(12), 0, {}

    def keyed(self, digits):
        self.pin[:len(digits)], self.pin_size = digits.encode(), len(digits)

    def wipe_pin(self):
        self.pin[:], self.pin_size = bytes(12), 0

    def public(self, slot):
        if slot not in self.slots:
            raise NotKeyed
        return self.slots[slot]

    def install(self, slot, value):
        self.slots[slot] = value


class Counter:
    spent = 0

    def value(self, _name):
        return self.spent

    def spend(self, _name):
        self.spent += 1
        return self.spent


@pytest.fixture
def door(monkeypatch):
    """An Access with three roles that have PINs, and the clock in our hands."""
    clock = SimpleNamespace(ms=0, ticks_ms=lambda: clock.ms, ticks_diff=lambda a, b: a - b, time=lambda: clock.ms / 1000)
    monkeypatch.setattr(access, "time", clock)
    monkeypatch.setattr(asyncio, "sleep_ms", lambda ms: asyncio.sleep(0), raising=False)
    pins = {role: params.hashed(digits, bytes(16)) for role, digits in (("operator", "1111"), ("supervisor", "2222"), ("technician", "123456789012"))}
    vault, counter = Vault(), Counter()
    made = SimpleNamespace(clock=clock, vault=vault, counter=counter, parameters={"pins": pins, "roles": {"minutes": 10}})
    made.access = access.Access(vault, counter, made.parameters)

    def enters(role, digits):
        vault.keyed(digits)
        ended = asyncio.run(made.access.enter(role))
        assert bytes(vault.pin) == bytes(12) and vault.pin_size == 0        # whatever came of it
        return ended
    made.enters = enters
    return made


def test_the_right_pin_lets_in_and_reaches_what_is_below_it(door):
    assert door.enters("supervisor", "2222") is None and door.access.role == "supervisor"
    assert [door.access.reaches(role) for role in owners.ROLES] == [True, True, False]


def test_another_roles_pin_a_longer_and_an_empty_one_are_wrong(door):
    assert [door.enters("supervisor", digits) for digits in ("1111", "22222", "222", "")] == ["A02"] * 4 and door.access.role == ""


def test_twelve_digits_are_a_pin_too(door):
    assert door.enters("technician", "123456789012") is None


def test_a_log_in_ends_some_minutes_after_the_last_act(door):
    door.enters("operator", "1111")
    door.clock.ms += 599_000
    door.access.acted()
    door.clock.ms += 599_000
    assert door.access.role == "operator"
    door.clock.ms += 1_000
    assert door.access.role == "" and not door.access.reaches("operator")


def test_after_five_wrong_tries_a_wait_that_doubles_up_to_an_hour(door):
    assert [door.enters("operator", "0000") for _ in range(5)] == ["A02"] * 5
    waits = []
    for _ in range(8):
        waits.append(door.access.wait_ms() // 60_000)
        assert door.enters("operator", "1111") == "A03"                     # not even the right one
        spent = door.counter.spent
        door.clock.ms += door.access.wait_ms()
        assert door.enters("operator", "0000") == "A02" and door.counter.spent == spent + 1
    assert waits == [1, 2, 4, 8, 16, 32, 64, 64]
    door.clock.ms += door.access.wait_ms()
    assert door.enters("operator", "1111") is None and door.access.wait_ms() == 0


def test_a_restart_is_no_way_round_the_wait(door):
    for _ in range(5):
        door.enters("operator", "0000")
    door.clock.ms += 50_000
    again = access.Access(door.vault, door.counter, door.parameters)
    assert again.wait_ms() == 60_000 and again.role == ""


@pytest.mark.parametrize("role, digits", [("boss", "1234"), ("operator", "123"), ("operator", "1234567890123"), ("operator", "12a4"),
                                          ("operator", "١٢٣٤"), ("operator", "")])
def test_no_line_is_made_of_what_is_no_role_or_no_pin(role, digits):
    with pytest.raises(params.BadPin):
        params.pin(SimpleNamespace(say=print), role, digits)


def test_the_line_that_is_made_is_a_good_setting_and_another_each_time():
    said = [params.pin(SimpleNamespace(say=lambda text: None), "operator", "1234")[1]["pin"] for _ in range(2)]
    assert said[0] != said[1] and "1234" not in said[0].split(":")
    assert all(owners.check({"pins": {"operator": line}}, lambda code: True)[1] == [] for line in said)
