# test_undo.py: void, refund and reprint of a sale on record, by its number.
def number(till, index=0):
    return str(till.journal()[index]["stan"])


def test_a_void_takes_the_sale_back_once(till):
    till.pays()
    till.keys("C").sees("Menu").keys("1").sees("Payment number").keys(number(till) + "D").sees("do it").keys("D").sees("Void", 60_000).ready()
    assert till.effects() == (0, 0) and till.agree() == 2
    assert "VOID" in till.papers()[-1] and "12.50 EUR" in till.papers()[-1]
    till.keys("C").sees("Menu").keys("1").sees("Payment number").keys(number(till) + "D").sees("Already voided").ready()


def test_a_refund_gives_back_a_part_and_never_more_than_was_paid(till):
    till.pays()
    till.keys("C").sees("Menu").keys("2").sees("Payment number").keys(number(till) + "D").sees("most 12.50").keys("500D").sees("do it")
    till.keys("D").sees("Take the receipt", 60_000).ready()
    assert till.effects() == (2, 2) and till.agree() == 2
    till.keys("C").sees("Menu").keys("2").sees("Payment number").keys(number(till) + "D").sees("most 7.50").keys("751D").sees("was paid").ready()
    assert [row["kind"] for row in till.journal()] == ["sale", "refund"]


def test_a_number_that_is_not_on_record(till):
    till.ready().keys("C").sees("Menu").keys("1").sees("Payment number").keys("4711D").sees("No such payment").ready()
    assert till.journal() == []


def test_a_reprint_says_that_it_is_a_copy(till):
    till.pays()
    first = till.papers()[-1]
    till.keys("C").sees("Menu").keys("3").ready()
    copy = till.papers()[-1]
    assert "*** COPY ***" in copy and "*** COPY ***" not in first
    assert [line for line in first.split("\n") if "RRN" in line] == [line for line in copy.split("\n") if "RRN" in line]


def test_a_declined_sale_cannot_be_voided(till):
    till.ready().keys("1250D").sees("Tap a card").taps("no-funds").sees("Not enough money").ready()
    till.keys("C").sees("Menu").keys("1").sees("Payment number").keys(number(till) + "D").sees("never").ready()
    assert till.effects() == (0, 0)


def test_a_sale_reads_no_more_flash_when_the_journal_is_long(till):
    """The paper of the newest payment is found without reading all that came before."""
    def trips():
        before = till.bench.rig.trips
        till.pays()
        return till.bench.rig.trips - before
    trips()
    first = trips()
    for _ in range(25):
        till.pays()
    assert trips() < first + 400            # at most what one sector of the ring holds is read
