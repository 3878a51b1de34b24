# test_cvm.py: the cardholder verification list and the conditions of its rules.
import pytest
from hypothesis import given
from hypothesis import strategies as st
from till.cards import cvm
from till.core.errors import Malformed


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=20))
def test_a_list_reads_back(x, y, rules):
    data = x.to_bytes(4, "big") + y.to_bytes(4, "big") + bytes(byte for rule in rules for byte in rule)
    assert cvm.rules(data) == (x, y, rules)
    cvms = cvm.CvmList(data)
    for at, (first, condition) in enumerate(rules):
        assert cvms.rule(at) == (first & 0x3F, bool(first & 0x40), condition, first)


@given(st.binary(max_size=40))
def test_any_bytes_raise_only_malformed(data):
    if len(data) < 8 or len(data) % 2:
        with pytest.raises(Malformed):
            cvm.rules(data)
    else:
        assert len(cvm.rules(data)[2]) == (len(data) - 8) // 2


@pytest.mark.parametrize("condition, amount, same, supported, holds", [
    (cvm.ALWAYS, 1, False, False, True), (cvm.IF_SUPPORTED, 1, True, True, True), (cvm.IF_SUPPORTED, 1, True, False, False),
    (cvm.IF_NOT_CASH, 1, True, True, True), (cvm.IF_CASHBACK, 1, True, True, False), (cvm.IF_CASH_UNATTENDED, 1, True, True, False),
    (cvm.IF_UNDER_X, 999, True, True, True), (cvm.IF_UNDER_X, 1000, True, True, False), (cvm.IF_OVER_X, 1000, True, True, False),
    (cvm.IF_OVER_X, 1001, True, True, True), (cvm.IF_UNDER_Y, 49, True, True, True), (cvm.IF_OVER_Y, 51, True, True, True),
    (cvm.IF_OVER_Y, 51, False, True, False), (0x7F, 1, True, True, False),
])
def test_when_a_rule_applies(condition, amount, same, supported, holds):
    cvms = cvm.CvmList(bytes.fromhex("000003E800000032"))
    assert cvm.applies(condition, amount, cvms, same, supported) is holds
