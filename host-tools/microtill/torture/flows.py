# flows.py: what is tortured: a table of scenes, each with what went before it, the errand itself, and what the bank does meanwhile.
from dataclasses import dataclass, field

ENTER, MENU = "D", "C"
VOID, REFUND, SETTLE = "1", "2", "6"
STAN = "{stan}"                         # in keys: the number of the first payment that went before


@dataclass(frozen=True)
class Errand:
    """Keys and answers as people.Person has them; `card`: its name, None where no card is needed; `mood`: the bank's next."""
    keys: str
    answers: dict = field(default_factory=dict)
    card: str | None = None
    mood: str = ""


@dataclass(frozen=True)
class Flow:
    """`kinds`: of the payments that the errand may make, most 1; `spoiled`: the bank's clearing has lost a payment; `owner`: settings; `loses`:
    the first way to the bank falls as the errand's first question goes."""
    errand: Errand
    before: tuple = ()
    owner: dict = field(default_factory=dict)
    spoiled: bool = False
    settles: bool = False
    loses: bool = False


def _by_number(choice, minor=""):
    return Errand(MENU, {"menu": choice, "number": STAN + ENTER, "refund_amount": minor + ENTER, "confirm": ENTER})


_SALE, _SMALL = Errand("1250" + ENTER, card="visa"), Errand("300" + ENTER, card="mc")
_SETTLE = Errand(MENU, {"menu": SETTLE})
_BATCH = (_SALE, _SMALL, _by_number(REFUND, "500"))
NEXT, NEXT_TAP = Errand("100" + ENTER, card="phone"), Errand("", card="phone")         # who comes after a cut

SCENES = {
    # scene: what happens
    "sale": Flow(Errand("1250" + ENTER, card="visa-pin")),
    "kiosk": Flow(Errand("", card="visa"), owner={"kiosk": {"mode": "fixed", "price": "2.50"}}),
    "refund": Flow(_by_number(REFUND, "500"), (_SALE,)),
    "over": Flow(_by_number(REFUND, "1000"), (_SALE, _by_number(REFUND, "500"))),       # more than is left
    "void": Flow(_by_number(VOID), (_SALE,)),
    "silent": Flow(Errand("1250" + ENTER, card="visa", mood="never")),
    "late": Flow(Errand("1250" + ENTER, card="visa", mood="late 31000")),               # after the terminal's own time-out
    "twice": Flow(Errand("300" + ENTER, card="no-funds"), (Errand("1250" + ENTER, card="visa", mood="twice"),)),
    "crash_before": Flow(Errand("1250" + ENTER, card="visa", mood="crash_before")),     # the bank's process dies before its books are synced
    "crash_after": Flow(Errand("1250" + ENTER, card="visa", mood="crash_after")),       # and after, before it has answered
    "second": Flow(Errand("1250" + ENTER, card="visa"), owner={"host": {"second": "bank.test"}}, loses=True),
    "settle": Flow(_SETTLE, _BATCH, settles=True),
    "upload": Flow(_SETTLE, _BATCH, spoiled=True, settles=True),
}
FLOWS = {"sale": ("sale",), "kiosk": ("kiosk",), "refund": ("refund", "over"), "void": ("void",), "reversal": ("silent", "late", "twice"),
         "bank": ("crash_before", "crash_after"), "ways": ("second",), "settle": ("settle", "upload")}
