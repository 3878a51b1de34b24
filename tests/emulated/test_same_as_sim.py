# test_same_as_sim.py: what a customer sees and gets is the same on the emulated STM32 as on the laptop, card by card; and the same seed gives the
# same bytes on every wire.
import pytest

from microtill.bench.cards.wallet import Wallet
from microtill.verbs.pay import pay

SEEN = ("outcome", "reason", "amount_minor", "currency", "stan", "trigger", "screens", "receipt_text", "receipts", "card_ms", "terminal_effects",
        "bank_effects")


@pytest.mark.parametrize("card", Wallet(None).names())
def test_a_card_is_the_same_on_both(card, on, tmp_path):
    pin = Wallet(None).person(card).pin
    on("sim")
    here = pay(tmp_path / "sim", "12.50", card, pin)
    on("qemu-stm32")
    there = pay(tmp_path / "qemu", "12.50", card, pin)
    assert {name: there[name] for name in SEEN} == {name: here[name] for name in SEEN}


def test_the_same_seed_gives_the_same_bytes(on, tmp_path):
    on("qemu-stm32")
    first, second = (pay(tmp_path / name, "12.50", "visa-pin", "1234", seed=7) for name in ("one", "two"))
    assert first["wire"] == second["wire"]
    assert (tmp_path / "one" / "flash.bin").read_bytes() == (tmp_path / "two" / "flash.bin").read_bytes()
