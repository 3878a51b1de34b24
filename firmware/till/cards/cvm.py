# cvm.py: cardholder verification method list, tag 8E (EMV Book 3 10.5). Raises Malformed; an unknown method is a rule, not an error.
from micropython import const

from till.core.errors import Malformed

# Rule byte 1, bits 6 to 1 (Annex C3)
FAIL = const(0x00)
PLAIN_PIN = const(0x01)
ONLINE_PIN = const(0x02)
PLAIN_PIN_AND_SIGNATURE = const(0x03)
ENCIPHERED_PIN = const(0x04)
ENCIPHERED_PIN_AND_SIGNATURE = const(0x05)
SIGNATURE = const(0x1E)
NONE = const(0x1F)
_GO_ON = const(0x40)          # bit 7: try the next rule if this one fails

# Rule byte 2
ALWAYS = const(0x00)
IF_CASH_UNATTENDED = const(0x01)
IF_NOT_CASH = const(0x02)
IF_SUPPORTED = const(0x03)
IF_CASH_MANUAL = const(0x04)
IF_CASHBACK = const(0x05)
IF_UNDER_X = const(0x06)
IF_OVER_X = const(0x07)
IF_UNDER_Y = const(0x08)
IF_OVER_Y = const(0x09)
_HEAD = const(8)


def _number(data, at):
    return data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3]


class CvmList:
    """The list in `data`: amount_x and amount_y in the application's minor units, and rules by position."""

    def __init__(self, data):
        """Raises Malformed("short") under 8 bytes, ("odd") where a rule is half."""
        if len(data) < _HEAD:
            raise Malformed("short")
        if len(data) & 1:
            raise Malformed("odd")
        self._data = data
        self.amount_x, self.amount_y = _number(data, 0), _number(data, 4)
        self.count = (len(data) - _HEAD) // 2

    def rule(self, at):
        """(method, whether to go on when it fails, condition, byte 1 as it stands) of rule `at`, from 0."""
        first, condition = self._data[_HEAD + 2 * at], self._data[_HEAD + 2 * at + 1]
        return first & 0x3F, first & _GO_ON != 0, condition, first


def rules(data):
    """(amount x, amount y, [(rule byte 1, condition), ...]) of the value of 8E. Raises Malformed as CvmList does."""
    cvms = CvmList(data)
    return cvms.amount_x, cvms.amount_y, [(data[at], data[at + 1]) for at in range(_HEAD, len(data), 2)]


def applies(condition, amount_minor, cvms, same_currency, supported, cashback=False):
    """Whether a rule's condition holds for a purchase (Annex C3). `supported`: whether the terminal has the method."""
    if condition == ALWAYS:
        return True
    if condition == IF_SUPPORTED:
        return supported
    if condition == IF_NOT_CASH:
        return not cashback
    if condition == IF_CASHBACK:
        return cashback
    if not same_currency:
        return False
    if condition in (IF_UNDER_X, IF_UNDER_Y):
        return amount_minor < (cvms.amount_x if condition == IF_UNDER_X else cvms.amount_y)
    if condition in (IF_OVER_X, IF_OVER_Y):
        return amount_minor > (cvms.amount_x if condition == IF_OVER_X else cvms.amount_y)
    return False
