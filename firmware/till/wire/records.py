# records.py: the journal's records as bytes, for the terminal that writes them and the tools that read them [pure]. Malformed for what is none.
# Fixed numbers first, then texts with a length byte each; a record never holds a PAN, a PIN or a key.
from struct import calcsize, pack, unpack_from

from till.core.errors import Malformed

STARTED, PAYMENT, OUTCOME, PRINTED, REVERSAL, ALARM, REFUSED, CHANGED, SUMS, CLOSING = range(1, 11)
NAMES = {STARTED: "started", PAYMENT: "owed", OUTCOME: "outcome", PRINTED: "printed", REVERSAL: "reversal", ALARM: "alarm", REFUSED: "refused",
         CHANGED: "changed", SUMS: "sums", CLOSING: "closing"}
# What a shift (until Z) and a batch (until settled) add up to, as numbers of payments and minor units.
SUM_NAMES = tuple("%s_%s_%s" % (period, kind, what) for period in ("shift", "batch") for kind in ("sale", "refund", "void")
                  for what in ("count", "minor"))

FORMAT = 2                      # of all of this, and of the ring that it lies on (store/sealed.py): an image says which ones it can read
_NUMBERS_AS_TEXT = ("tip_minor",)

# kind: (struct of the numbers, their names, names of the texts). A shape may only grow, by texts at its end: what an earlier firmware wrote
# lacks them, and they read as empty.
SHAPES = {
    STARTED: ("<II", ("boot", "unix"), ("cause", "settings")),                          # settings: shop.mark() of those in force
    PAYMENT: ("<IBIHII", ("stan", "kind", "amount_minor", "currency", "unix", "original_stan"),
              ("trigger", "field7", "pan", "account", "sequence", "entry", "aid", "label", "cvm", "original_field7", "original_rrn", "original_auth",
               "tvr", "tip_minor")),                                                    # the tip is part of the amount
    OUTCOME: ("<IBI", ("stan", "state", "unix"), ("what", "response", "auth", "rrn", "reason")),
    PRINTED: ("<IB", ("stan", "copies"), ("result",)),
    REVERSAL: ("<II", ("stan", "reversal_stan"), ("field7", "ksn", "why")),
    ALARM: ("<I", ("unix",), ("source", "code", "trigger")),
    REFUSED: ("<IBI", ("unix", "kind", "amount_minor"), ("reason", "trigger")),         # a person's wish that a guard refused
    CHANGED: ("<I", ("unix",), ("setting", "before", "after", "trigger")),              # one setting, as its words in the owner's file
    SUMS: ("<IIIII" + "I" * len(SUM_NAMES), ("unix", "day", "day_minor", "batch", "shift") + SUM_NAMES, ()),  # at a sector's head: what was so far
    CLOSING: ("<III" + "I" * 6, ("unix", "period_number", "stan", "sale_count", "sale_minor", "refund_count", "refund_minor", "void_count",
                                 "void_minor"), ("what", "result", "trigger")),         # "z": of a shift, "settled": of a batch
}


_GREW = {STARTED: 1, PAYMENT: 1}        # texts at the end that an earlier firmware did not write


def encode(kind, values):
    """The payload of one record; a text that is missing is empty, a number 0."""
    form, numbers, texts = SHAPES[kind]
    out = pack(form, *[values.get(name, 0) for name in numbers])
    for name in texts:
        text = str(values.get(name) or "").encode()
        out += bytes((len(text),)) + text
    return out


def decode(kind, payload):
    """{name: number or text} of one payload. Raises Malformed."""
    if kind not in SHAPES:
        raise Malformed("kind")
    form, numbers, texts = SHAPES[kind]
    at = calcsize(form)
    if len(payload) < at:
        raise Malformed("short")
    values = dict(zip(numbers, unpack_from(form, payload, 0)))
    least = len(texts) - _GREW.get(kind, 0)
    for n in range(len(texts)):
        name = texts[n]
        if n >= least and at == len(payload):
            values[name] = ""
            continue
        if at >= len(payload) or at + 1 + payload[at] > len(payload):
            raise Malformed("short")
        try:
            values[name] = str(bytes(payload[at + 1:at + 1 + payload[at]]), "utf-8")
        except (UnicodeError, ValueError):
            raise Malformed("text")
        at += 1 + payload[at]
    if at != len(payload):
        raise Malformed("left")
    for name in _NUMBERS_AS_TEXT:
        if name in values:
            values[name] = int(values[name] or "0")
    return values


def brief(kind, payload, name):
    """As decode, but only the numbers and one of the texts: for who looks at many. Raises Malformed."""
    form, numbers, texts = SHAPES[kind]
    at = calcsize(form)
    if len(payload) < at:
        raise Malformed("short")
    values = dict(zip(numbers, unpack_from(form, payload, 0)))
    try:
        for _ in range(texts.index(name)):
            at += 1 + payload[at]
        values[name] = str(bytes(payload[at + 1:at + 1 + payload[at]]), "utf-8")
    except (IndexError, UnicodeError, ValueError):
        raise Malformed("text")
    return values
