# test_keys.py: how a blank terminal takes its keys, and what it refuses.
import pytest

from microtill import demo, terminal
from microtill.terminal import Refused, Service


def test_a_blank_terminal_takes_test_keys_and_says_so():
    with Service() as service:
        assert service.ask("identity")[0]["keyed"] is False
        terminal.install_demo(service)
        who = service.ask("identity")[0]
    assert (who["keyed"], who["label"], who["serial"], who["random"]) == (True, "test keys", demo.SERIAL, "for tests only")


def test_a_keyed_terminal_takes_no_other_keys():
    with Service() as service:
        terminal.install_demo(service)
        with pytest.raises(Refused) as refused:
            service.ask("install", slot=terminal.INITIAL_KEY, hex="00" * 16)
    assert refused.value.args[0] == "S01"


def test_without_a_true_random_source_only_test_keys_are_taken():
    with Service() as service, pytest.raises(Refused) as refused:
        service.ask("install", slot=terminal.INITIAL_KEY, hex="00" * 16)
    assert refused.value.args == ("S01", "no true random source")


@pytest.mark.parametrize("request_", [{"op": "fly"}, {"op": "install"}, {"op": "install", "slot": 1, "hex": "zz"}, {}, {"op": "vectors"}])
def test_a_request_that_is_none_gets_a_code_and_the_console_goes_on(request_):
    with Service() as service:
        service.bench.console.ask(request_)
        service.bench.run(service.bench.console.answered, 5_000)
        assert service.bench.console.last == {"ok": False, "code": "P02", "word": "request"}
        assert service.ask("identity")[0]["keyed"] is False


def test_an_altered_key_slot_is_found_and_no_payment_begins(image):
    from hands import Hands
    flash = bytearray(image)
    where = [at for at in range(2 * 4096, 6 * 4096) if flash[at + 2:at + 4] == bytes((terminal.INITIAL_KEY, 0xA7))]
    assert where, "no key slot on flash"
    for at in where:
        flash[at + 12] ^= 1
    till = Hands(flash)
    try:
        till.sees("No keys yet", 30_000).keys("1")
        assert ("digit", "S01") in till.refusals()
    finally:
        till.close()
