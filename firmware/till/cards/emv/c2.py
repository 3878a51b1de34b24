# c2.py: kernel 2, M/Chip (EMV Contactless Book C-2): records, cardholder verification, GENERATE AC. Raises Malformed; the Tap catches it.
from micropython import const

from till.cards import cvm
from till.cards.emv import apdu, data
from till.core.errors import Malformed

ARQC = const(0x80)            # EMV Book 3 6.5.5.2, bits 8 and 7
AAC = const(0x00)

# Application interchange profile, 82 (annex A)
_AIP1_CVM_LIST = const(0x10)
_AIP1_DEVICE_CVM = const(0x02)
_AIP2_EMV_MODE = const(0x80)

# Terminal capabilities, 9F33 byte 2
_CAN_ONLINE_PIN = const(0x40)
_CAN_SIGNATURE = const(0x20)
_CAN_NO_CVM = const(0x08)

# Terminal verification results, 95 (EMV Book 3 annex C5): byte from 0, bit
_NO_OFFLINE_AUTHENTICATION = (0, 0x80)
_DATA_MISSING = (0, 0x20)
_EXPIRED = (1, 0x40)
_NOT_YET = (1, 0x20)
_SERVICE_NOT_ALLOWED = (1, 0x10)
_CVM_FAILED = (2, 0x80)
_CVM_UNKNOWN = (2, 0x40)
_ONLINE_PIN_ENTERED = (2, 0x04)
_ABOVE_FLOOR = (3, 0x80)

# Application usage control, 9F07 byte 1
_USE_NOT_ATM = const(0x01)
_USE_DOMESTIC = const(0x28)              # goods or services
_USE_ABROAD = const(0x14)

_NO_CVM_DONE = b"\x3f\x00\x00"           # CVM results, 9F34 (EMV Book 4 A4)
_NO_CVM_NEEDED = b"\x3f\x00\x02"
_NO_CVM_LEFT = b"\x3f\x00\x01"
_DEVICE_CVM_DONE = b"\x01\x00\x02"
_ZEROS = b"\0\0\0\0\0"
_VERSION = b"\x00\x02"                   # 9F09, M/Chip
_STRIPE_RECORD = b"\x08\x01\x01\x00"
_SEE_PHONE = b"\x00\x03\x0f"             # bits of DF4B that ask for a look at the device


def prepare(tap):
    """Sets 9F33 by the CVM limit and 9F09, before GET PROCESSING OPTIONS."""
    tap.store.put(0x9F09, _VERSION)
    tap.store.put(0x9F33, tap.settings["capabilities_above" if tap.above_cvm else "capabilities_below"])


def started(tap, template):
    """Takes the answer to GET PROCESSING OPTIONS, format 1 (82 then 94) or 2. Raises Malformed."""
    if template == 0x80:
        size = tap.index.size(0)
        if size < 6:
            raise Malformed("size")
        window = tap.index.window(0)
        tap.store.take(0x82, window[:2])
        tap.store.take(0x94, window[2:])
    elif template == 0x77:
        data.absorb(tap.index, tap.store, ((0x82, 2, 2), (0x94, 4, 252)))
    else:
        raise Malformed("format")
    tap.store.must(0x82)
    locator = tap.store.must(0x94)
    if len(locator) > 4 and locator[:4] == _STRIPE_RECORD:
        tap.store.put(0x94, bytes(locator[4:]))          # that record serves mag-stripe mode alone, and is left unread


def _set(tap, bit):
    tap.tvr[bit[0]] |= bit[1]


def complete(tap):
    """All records are read: GENERATE AC (3.10), or None with an outcome. Raises Malformed."""
    store = tap.store
    profile = store.must(0x82)
    if not profile[1] & _AIP2_EMV_MODE:
        return tap.end("declined", "not_accepted")       # a stripe in a chip: not taken here
    cdol = store.must(0x8C)
    store.must(0x5F24)
    tap.read_account()
    _set(tap, _NO_OFFLINE_AUTHENTICATION)
    if tap.above_floor:
        _set(tap, _ABOVE_FLOOR)
    _restrict(tap)
    _verify(tap, profile)
    tap.asked = _action(tap)
    store.put(0x95, tap.tvr)
    store.put(0x9F34, tap.cvm_results)
    tap.note("cvm", tap.cvm)
    tap.note("tvr", bytes(tap.tvr))
    return apdu.generate_ac(tap.out, tap.asked, cdol, store.get)


def _restrict(tap):
    """Processing restrictions (EMV Book 3 10.4): usage, dates."""
    use, issuer = tap.store.get(0x9F07), tap.store.get(0x5F28)
    if use is not None:
        allowed = use[0] & _USE_NOT_ATM
        if allowed and issuer is not None:
            allowed = use[0] & (_USE_DOMESTIC if issuer == tap.store.must(0x9F1A) else _USE_ABROAD)
        if not allowed:
            _set(tap, _SERVICE_NOT_ALLOWED)
    if tap.expired():
        _set(tap, _EXPIRED)
    begins = tap.store.get(0x5F25)
    if begins is not None and data.date(begins) > tap.today:
        _set(tap, _NOT_YET)


def _verify(tap, profile):
    """Chooses the cardholder verification: cvm and cvm_results of the tap, and the TVR (C-2 6.x CVM selection, EMV Book 3 10.5)."""
    if profile[0] & _AIP1_DEVICE_CVM:
        tap.cvm_results = _NO_CVM_NEEDED
        if tap.above_cvm:
            tap.cvm, tap.cvm_results = "device", _DEVICE_CVM_DONE
        return
    methods = tap.store.get(0x8E)
    if not profile[0] & _AIP1_CVM_LIST or methods is None or len(methods) == 8:
        tap.cvm_results = _NO_CVM_DONE
        if profile[0] & _AIP1_CVM_LIST:
            _set(tap, _DATA_MISSING)
        if tap.above_cvm:
            tap.cvm_results = _NO_CVM_LEFT
            _set(tap, _CVM_FAILED)                       # stricter than C-2: above the limit somebody must be verified
        return
    _walk(tap, cvm.CvmList(methods), tap.store.must(0x9F33)[1])


def _can(method, able):
    if method == cvm.ONLINE_PIN:
        return able & _CAN_ONLINE_PIN != 0
    if method == cvm.SIGNATURE:
        return able & _CAN_SIGNATURE != 0
    return method == cvm.NONE and able & _CAN_NO_CVM != 0


def _walk(tap, methods, able):
    money = tap.store.get(0x9F42)
    same = money is not None and money == tap.store.must(0x5F2A)
    tap.cvm_results = _NO_CVM_LEFT
    for at in range(methods.count):
        method, goes_on, condition, first = methods.rule(at)
        can = _can(method, able)
        if not cvm.applies(condition, tap.amount_minor, methods, same, can):
            continue
        if method > cvm.ENCIPHERED_PIN_AND_SIGNATURE and method not in (cvm.SIGNATURE, cvm.NONE):
            _set(tap, _CVM_UNKNOWN)
        if can and method == cvm.ONLINE_PIN:
            tap.cvm, tap.cvm_results = "online_pin", bytes((first, condition, 0x00))
            _set(tap, _ONLINE_PIN_ENTERED)
            return
        if can:
            tap.cvm_results = bytes((first, condition, 0x02 if method == cvm.NONE else 0x00))
            return
        tap.cvm_results = bytes((first, condition, 0x01))
        if method == cvm.FAIL or not goes_on:
            break
    _set(tap, _CVM_FAILED)


def _action(tap):
    """What to ask for: AAC where a denial code meets the TVR, else ARQC, as this terminal is online only (EMV Book 3 10.7)."""
    issuer, ours = tap.store.get(0x9F0E), tap.denial
    issuer = _ZEROS if issuer is None else issuer
    tap.note("iac", bytes(issuer))
    for i in range(5):
        if tap.tvr[i] & (issuer[i] | ours[i]):
            return AAC
    return ARQC


def generated(tap, template):
    """The answer to GENERATE AC, format 1 or 2, and with it the outcome. Raises Malformed."""
    store = tap.store
    if template == 0x80:
        window = tap.index.window(0)
        if not 11 <= len(window) <= 43:
            raise Malformed("size")
        store.take(0x9F27, window[:1])
        store.take(0x9F36, window[1:3])
        store.take(0x9F26, window[3:11])
        if len(window) > 11:
            store.take(0x9F10, window[11:])
    elif template == 0x77:
        data.absorb(tap.index, store, data.CRYPTOGRAM)
    else:
        raise Malformed("format")
    kind = store.must(0x9F27)[0]
    tap.note("cid", bytes((kind,)))
    look = store.get(0xDF4B)
    if kind & 0xC0 == AAC and look is not None and (look[1] & _SEE_PHONE[1] or look[2] & _SEE_PHONE[2]):
        tap.end("see_phone", "see_phone")
    elif tap.allows(kind, _why(tap)):
        if tap.asked != ARQC:
            raise Malformed("cid")                       # it may lower what was asked, never raise it
        for tag in (0x9F36, 0x9F26, 0x9F10):
            store.must(tag)
        tap.end("online", "")


def _why(tap):
    """Reason of an AAC: ours where we asked for it."""
    if tap.asked != ARQC:
        if tap.tvr[2] & _CVM_FAILED[1]:
            return "cvm"
        if tap.tvr[1] & _EXPIRED[1]:
            return "expired"
    return "card_declined"
