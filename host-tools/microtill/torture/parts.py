# parts.py: what of a terminal can fail, and what people come to it for: the two sides of the degradation matrix, as tables. Cannot fail.
from dataclasses import dataclass, replace
from typing import Callable

from microtill.torture.flows import ENTER, MENU, SCENES, Errand, Flow
from microtill.verbs.params import hashed

SENSORS = ("gauge", "thermometer", "light", "rtc", "head_input")
_OPERATOR = "2468"
LABEL = "test keys"                    # the last row of a terminal whose keys are for tests
_STUCK = "9"                            # of the keypad's sixteen


@dataclass(frozen=True)
class Part:
    """`name`: of the column; `how`: in words, what is done to it; `fails(bench)` does it. Everything is mended by faults.heal. `after_start`: a
    start hides it, so it fails behind one."""
    name: str
    how: str
    fails: Callable
    after_start: bool = False


@dataclass(frozen=True)
class Use:
    """`title`: of the row; `flow`: as the torture has it; `does`: what it is to lead to: a payment's state, or the name of a screen."""
    title: str
    flow: Flow
    does: str
    papers: bool = True                 # is there something to print?


def _nothing(bench):
    """The first column: whole."""


def _reader(bench):
    bench.reader.deaf = "dead"


def _printer(bench):
    bench.printer.deaf = True


def _screen(bench):
    bench.screen.fault = "dead"


def _key(bench):
    bench.keypad.stuck(bench.board.KEYPAD_LEGEND.index(_STUCK))


def _gauge(bench):
    bench.senses.gauge.fault = "dead"


def _sensors(bench):
    for name in SENSORS:
        getattr(bench.senses, name).fault = "mad"


def _flash(bench):
    bench.flash.read_only = True


def _first_link(bench):
    bench.network.fall(0)


def _link(bench):
    bench.network.fall()


def _silence(bench):
    bench.network.off = True


def _clock(bench):
    bench.senses.rtc.cell_out = True
    bench.senses.rtc.stop()


def _jump(bench):
    bench.senses.rtc.jump(86_400)


PARTS = {
    # key: how it fails
    "whole": Part("nothing", "nothing is wrong", _nothing),
    "reader": Part("reader deaf", "the PN532 answers nothing, whatever is done to wake it", _reader),
    "printer": Part("printer absent", "the printer's line is dead", _printer),
    "display": Part("display dead", "the SSD1306 gives no acknowledge", _screen),
    "key": Part("key stuck", "the key %s stays down" % _STUCK, _key),
    "gauge": Part("gauge unreadable", "the MAX17048 gives no acknowledge", _gauge),
    "sensors": Part("sensors mad", "gauge, thermometer, light, clock and head answer at random", _sensors),
    "flash": Part("flash read-only", "what is programmed or erased stays as it was", _flash),
    "first": Part("one link down", "the first way to the bank breaks", _first_link),
    "link": Part("both down", "both ways break, and nothing connects", _link),
    "silence": Part("links silent", "both stand, and no byte passes", _silence),
    "clock": Part("clock lost", "the DS3231 stands still and says so", _clock),
    "jump": Part("clock wrong", "the DS3231 is a day ahead", _jump, True),
}

_REPORT, _SECOND = "report", {"host": {"second": "bank.test"}}
_USES = {
    # key: what somebody comes for
    "sale": Use("sale, with PIN", SCENES["sale"], "approved"),
    "kiosk": Use("kiosk, one price", SCENES["kiosk"], "approved"),
    "refund": Use("refund of a part", SCENES["refund"], "approved"),
    "void": Use("void", SCENES["void"], "approved"),
    "reversal": Use("reversal (the bank is silent)", SCENES["silent"], "reversed"),
    "settle": Use("settlement", SCENES["settle"], "settled"),
    "x": Use("X report", Flow(Errand(MENU, {"menu": "4"}), SCENES["void"].before), _REPORT),
    "z": Use("Z report", Flow(Errand(MENU, {"menu": "5"}), SCENES["void"].before), _REPORT),
    "reprint": Use("copy of the last receipt", Flow(Errand(MENU, {"menu": "3"}), SCENES["void"].before), "printing"),
    "login": Use("log-in", Flow(Errand(MENU, {"menu": "9", "role": "1", "login": _OPERATOR + ENTER}),
                                owner={"pins": {"operator": hashed(_OPERATOR, bytes(range(16)))}}), "logged_in", False),
    "self_test": Use("self-test", Flow(Errand(MENU, {"menu": "8"})), "tested"),
    "training": Use("into training and out of it", Flow(Errand(MENU, {"menu": "7", "training_on": ENTER + MENU})), "training_off", False),
}
# Each terminal has a second way to the bank.
USES = {name: replace(use, flow=replace(use.flow, owner={**use.flow.owner, **_SECOND})) for name, use in _USES.items()}
