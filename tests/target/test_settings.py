# test_settings.py: the owner's file: whole or not at all, each mistake named, on the device as on a laptop.
from check import raises

from till.store import parameters, settings


not_on = {"qemu-stm32": {"test_json_that_ends_early_is_not_taken": "json of MicroPython 1.25 takes it; on flash a CRC stands before that"}}


def here(code):
    return code == "en"


def problems(**owner):
    return settings.check(owner, here)[1]


def test_a_shop_that_writes_nothing_runs_on_the_defaults():
    values, wrong = settings.check({}, here)
    assert wrong == []
    assert (values["waits"]["tap"], values["battery"]["low"], values["contactless"]["cvm"]) == (30, 15, 5000)


def test_every_mistake_is_named_at_once():
    wrong = problems(battery={"low": 3, "critical": 99}, shop={"currency": "XXX"}, nonsense={}, light={"brightness": 3})
    named = sorted((section, name) for section, name, _reason in wrong)
    assert named == [("battery", "critical"), ("light", "brightness"), ("nonsense", ""), ("shop", "currency")]


def test_one_wrong_setting_leaves_all_as_they_were():
    values, wrong = settings.check({"waits": {"tap": 20, "key": 1}}, here)
    assert values is None
    assert [row[:2] for row in wrong] == [("waits", "key")]


def test_settings_that_cannot_go_together_are_told():
    assert [row[:2] for row in problems(battery={"low": 6, "critical": 5})] == [("battery", "critical")]
    assert [row[:2] for row in problems(kiosk={"mode": "fixed"})] == [("kiosk", "price")]
    assert [row[:2] for row in problems(shop={"languages": ["xx"]})][0][0] == "shop"


def test_amounts_follow_the_currency_of_the_shop():
    assert settings.check({"shop": {"currency": "JPY"}, "limits": {"single": "5000"}}, here)[0]["limits"]["single"] == 5000
    assert problems(shop={"currency": "JPY"}, limits={"single": "50.00"})[0][:2] == ("limits", "single")


def test_a_limit_is_in_minor_units_and_off_is_none():
    values = settings.check({"limits": {"single": "250.00"}}, here)[0]
    assert values["limits"]["single"] == 25000 and values["limits"]["daily"] == 0


def test_what_is_no_json_is_not_taken():
    assert raises(parameters.BadParameters, parameters.read, "nonsense").code == "C01"
    assert parameters.read(None) == {}


def test_json_that_ends_early_is_not_taken():
    raises(parameters.BadParameters, parameters.read, "{\"waits\": {\"tap\": 20")


def test_a_change_is_told_and_a_pin_is_not():
    told = parameters.changes({}, {"waits": {"tap": 20}, "pins": {"operator": "x"}})
    assert ("waits.tap", "30", "20") in told and ("pins.operator", "***", "***") in told


def test_the_same_settings_in_another_order_are_the_same_text():
    assert settings.canonical({"b": {"y": 1, "x": [2]}, "a": {}}) == settings.canonical({"b": {"x": [2], "y": 1}})
