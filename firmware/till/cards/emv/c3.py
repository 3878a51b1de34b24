# c3.py: kernel 3, qVSDC (EMV Contactless Book C-3): one GET PROCESSING OPTIONS is the payment. Raises Malformed; the Tap catches it.
from micropython import const

from till.cards.emv import data
from till.core.errors import Malformed

# Terminal transaction qualifiers, 9F66 (annex A)
_TTQ2_ONLINE_CRYPTOGRAM = const(0x80)
_TTQ2_CVM = const(0x40)
# Card transaction qualifiers, 9F6C (annex A)
_CTQ1_ONLINE_PIN = const(0x80)
_CTQ1_ONLINE_IF_EXPIRED = const(0x08)
_CTQ2_DEVICE_CVM = const(0x80)

_ISSUER_DATA_OLDER = const(6)       # 9F10 byte 1: laid out in the older way, card verification results from byte 4


def prepare(tap):
    """Sets 9F66 by the limits of the application's row and 9F33, before GET PROCESSING OPTIONS (Book B 3.1.1, 3.5)."""
    ttq = bytearray(tap.settings["ttq"])
    if tap.above_floor:
        ttq[1] |= _TTQ2_ONLINE_CRYPTOGRAM
    if tap.above_cvm:
        ttq[1] |= _TTQ2_CVM
    tap.ttq = bytes(ttq)
    tap.store.put(0x9F66, ttq)
    tap.store.put(0x9F33, tap.settings["capabilities"])
    tap.note("ttq", tap.ttq)


def started(tap, template):
    """Takes the answer to GET PROCESSING OPTIONS: format 2 alone (5.2.2.2). Raises Malformed."""
    if template != 0x77:
        raise Malformed("format")
    data.absorb(tap.index, tap.store, data.STARTED)
    for tag in (0x82, 0x9F36, 0x9F26, 0x9F10):
        tap.store.must(tag)


def _kind(store):
    """Cryptogram information data: 9F27, or bits 6 and 5 of the second of the card verification results in 9F10 (annex A)."""
    given = store.get(0x9F27)
    if given is not None:
        return given[0]
    issuer_data = store.must(0x9F10)
    if len(issuer_data) < 5 or issuer_data[0] != _ISSUER_DATA_OLDER:
        raise Malformed("cid")
    kind = issuer_data[4] << 2 & 0xC0
    store.put(0x9F27, bytes((kind,)))
    return kind


def complete(tap):
    """All is read: the outcome, by cryptogram (5.3), date (5.5) and CTQ (5.7). Never asks for another command. Raises Malformed."""
    kind = _kind(tap.store)
    tap.note("cid", bytes((kind,)))
    qualifiers = tap.store.get(0x9F6C)
    tap.ctq = b"" if qualifiers is None else bytes(qualifiers)
    tap.note("ctq", tap.ctq)
    tap.read_account()
    if not tap.allows(kind, "card_declined"):
        return
    first, second = (tap.ctq[0], tap.ctq[1]) if tap.ctq else (0, 0)
    if tap.expired() and not first & _CTQ1_ONLINE_IF_EXPIRED:
        tap.end("declined", "expired")
        return
    if first & _CTQ1_ONLINE_PIN:
        tap.cvm = "online_pin"
        tap.cvm_results = b"\x02\x00\x00"
    elif second & _CTQ2_DEVICE_CVM:
        tap.cvm = "device"
        tap.cvm_results = b"\x01\x00\x02"      # as C-2 tells a confirmation code checked by the device
    elif tap.above_cvm:
        tap.end("declined", "cvm")
        return
    tap.note("cvm", tap.cvm)
    tap.end("online", "")
