# tdes.py: a PIN block of format 0 under TDES DUKPT (ANSI X9.24-1:2009), as a host of old opens it. Raises Refuse for whatever is not as it has to be.
# A terminal may send such blocks only where the bank was told so, and each counter once.
from psec import pinblock

from microtill.bench.acquirer import issuer, messages
from microtill.bench.acquirer.issuer import Refuse
from microtill.keys import KeyFault, ciphers

KSN_BYTES = 10                # 59 bits of the terminal's id, 21 of the counter (A.3)
CONTROL = "2001010000000000"  # field 53: a PIN block under TDES, of format 0
APART = bytes.fromhex("C0C0C0C000000000" * 2)
_PIN = bytes.fromhex("00000000000000FF" * 2)
_COUNTER = 0x1FFFFF
_MOST_ONES = 10               # A.2: a counter has 1 to 10 bits set


def _xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def counter_of(ksn):
    return int.from_bytes(ksn[7:], "big") & _COUNTER


def terminal_of(ksn):
    """What key serial numbers of one terminal share: 8 bytes, the last five bits zero."""
    return ksn[:7] + bytes((ksn[7] & 0xE0,))


def initial_key(left, right, ksn):
    """The initial key (16 bytes) of the terminal with this key serial number (A.6). `left`, `right`: TDES of 8 bytes under the base derivation key,
    and under the same key after APART."""
    return left(terminal_of(ksn)) + right(terminal_of(ksn))


def under(bdk):
    """A function from a key serial number to its initial key, for a base derivation key (16 bytes) that is at hand."""
    return lambda ksn: initial_key(lambda data: ciphers.tdes(bdk, data), lambda data: ciphers.tdes(_xor(bdk, APART), data), ksn)


def _half(key, register):
    return _xor(ciphers.tdes(key[:8] * 3, _xor(register, key[8:])), key[8:])


def pin_key(initial, ksn):
    """The PIN key (16 bytes) of one transaction (A.2, A.4.1)."""
    counter, key, register = counter_of(ksn), initial, int.from_bytes(terminal_of(ksn)[2:] + bytes(2), "big")
    for shift in range(20, -1, -1):
        if counter >> shift & 1:
            register |= 1 << shift
            data = register.to_bytes(8, "big")
            key = _half(_xor(key, APART), data) + _half(key, data)
    return _xor(key, _PIN)


def wanted(draft):
    """Does a request carry anything of it?"""
    return 52 in draft.request.fields or 53 in draft.request.fields or messages.TDES_KSN in draft.private


def entered_pin(draft, ledger, initial_of, pan):
    """The PIN (str) in fields 52 and 53. Its counter is used up by that, whatever the PIN is."""
    request, ksn, ikid = draft.request, draft.private.get(messages.TDES_KSN, b""), draft.ksn[:8]
    if messages.PIN_BLOCK in draft.private or messages.PIN_FORMAT in draft.private:
        raise Refuse(issuer.FORMAT, "two pin blocks")
    last = ledger.tdes_counter(ikid)
    if last is None or initial_of is None:
        raise Refuse(issuer.SECURITY, "no tdes here")
    if request.get(53) != CONTROL or 52 not in request.fields:
        raise Refuse(issuer.FORMAT, "field 52 or 53")
    if len(ksn) != KSN_BYTES or terminal_of(ksn) != terminal_of(ikid):
        raise Refuse(issuer.SECURITY, "tdes ksn")
    counter = counter_of(ksn)
    if counter <= last or bin(counter).count("1") > _MOST_ONES:
        raise Refuse(issuer.SECURITY, "tdes counter")
    ledger.saw_tdes_counter(ikid, counter)
    try:
        initial = initial_of(ksn)
    except KeyFault as gone:
        raise Refuse(issuer.SECURITY, "no tdes here") from gone
    clear = ciphers.tdes(pin_key(initial, ksn), request[52], back=True)
    try:
        return pinblock.decode_pinblock_iso_0(clear, pan.rjust(13, "0"))
    except ValueError as bad:
        raise Refuse(issuer.SECURITY, "pin block") from bad
