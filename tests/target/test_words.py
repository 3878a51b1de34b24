# test_words.py: what a person reads: screens that fit, a receipt with everything on record and nothing else, a code where words lack.
from till.money import transaction
from till.ui import letters, receipt, words
from till.ui.languages import en

PAYMENT = {"stan": 7, "kind": transaction.SALE, "state": transaction.APPROVED, "amount_minor": 1250, "currency": 978, "unix": 1_767_600_000,
           "pan": "476173******0119", "label": "VISA CREDIT", "aid": "A0000000031010", "entry": "contactless", "cvm": "", "trigger": "3.17",
           "rrn": "000000000001", "auth": "123456", "response": "00"}
SHOP = {"name": "Caf\xe9 Microtill", "address": "1 Bench Street", "terminal": "TILL0001", "merchant": "MERCHANT0000001"}


def test_no_row_of_a_screen_is_wider_than_the_glass():
    for name, rows in en.SCREENS.items():
        assert len(rows) <= 8, name
        for row in rows:
            most = 8 if row[:1] == "!" else 16
            assert letters.width(row.lstrip("!=").replace("%s", "")) <= most, (name, row)


def test_an_approved_screen_says_how_much():
    rows = words.Words(("en",)).screen("approved", "12.50", "EUR")
    assert rows[0] == "=Approved" and "!12.50" in rows


def test_a_code_without_words_shows_itself():
    assert "X99" in "".join(words.Words(("en",)).reason("X99"))
    assert words.Words(("en",)).refusal("X99")[1] == "X99"


def test_a_language_that_is_not_built_in_is_not_spoken():
    spoken = words.Words(("xx", "en"))
    assert spoken.language == "en"
    assert not spoken.use("xx") and not words.here("xx") and words.here("en")


def test_a_receipt_has_what_is_on_record():
    rows = receipt.rows(PAYMENT, SHOP, receipt.CUSTOMER, words.Words(("en",)))
    text = "\n".join(text for _style, text in rows)
    for part in ("12.50 EUR", "TILL0001", "**** 0119", "000007", "123456", "3.17", "2026-01-05 08:00"):
        assert part in text, part
    assert "476173" not in text
    assert all(letters.width(text) <= receipt.COLUMNS for _style, text in rows)


def test_a_copy_and_test_keys_are_named_on_paper():
    rows = receipt.rows(PAYMENT, SHOP, receipt.MERCHANT, words.Words(("en",)), True, "test keys")
    text = "\n".join(text for _style, text in rows)
    assert "TEST KEYS" in text and "COPY" in text.upper()


def test_a_chinese_letter_takes_two_columns():
    assert letters.width("\u4ea4\u6613 OK") == 7
    assert letters.page_1252("\u20ac") == 0x80 and letters.page_1252("\u4ea4") is None


def test_a_long_line_breaks_between_words():
    assert receipt.wrapped("one two three", 8) == ["one two", "three"]
    assert receipt.wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]
