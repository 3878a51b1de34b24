# test_bank_lies.py: the host late, silent, doubled, or lying; the line cut: unknown is never declined, and what was owed is undone once.
import pytest

from microtill import sweep

UNBELIEVED = ("never", "wrong_mac", "wrong_stan", "wrong_amount", "wrong_ksn", "garbage")


def asks(till, mood):
    """A sale whose request meets this mood."""
    till.ready().waits(500).keys("1250D").sees("Tap a card")
    till.bench.bank.moods.append(mood)
    return till.taps("visa")


@pytest.mark.parametrize("mood", UNBELIEVED)
def test_an_answer_that_may_not_be_believed_is_no_answer_and_is_reversed(till, mood):
    asks(till, mood).sees("No answer", 90_000).ready().waits(120_000)
    assert till.effects() == (0, 0) and till.agree() >= 1
    assert [row["reversed"] for row in till.bench.bank.records() if row["kind"] == "sale"] == [True]
    assert till.journal()[0]["state"] == "reversed"


def test_a_wrong_mac_is_a_security_trigger(till):
    asks(till, "wrong_mac").sees("No answer", 90_000)
    assert [row["end"] for row in till.events("trigger") if row["name"] == "wrong_mac"] == ["started"]
    assert till.events("dropped")[0]["code"] == "S04"


def test_an_answer_given_twice_counts_once(till):
    asks(till, "twice").sees("Approved").ready()
    till.pays()
    assert till.effects() == (2, 2) and till.agree() == 2


def test_an_answer_after_the_time_out_changes_nothing(till):
    asks(till, "late 35000").sees("No answer", 90_000).ready().waits(60_000)
    assert till.effects() == (0, 0) and till.journal()[0]["state"] == "reversed"


def test_a_late_answer_within_the_time_counts(till):
    asks(till, "late 20000").sees("Approved", 60_000).ready()
    assert till.effects() == (1, 1)


def test_part_of_an_amount_is_not_taken(till):
    asks(till, "partial").sees("Only part of it", 60_000).ready().waits(60_000)
    assert till.effects() == (0, 0) and till.agree() >= 1


def test_with_the_bank_stopped_nothing_is_approved_and_the_next_sale_waits_for_what_is_owed(till):
    asks(till, "never")
    till.bench.world.after(3_000_000, setattr, till.bench.network, "refuse", True)
    till.sees("No answer", 90_000).ready()
    till.keys("200D").sees("Tap a card").taps("visa").sees("An older payment", 60_000).ready()
    assert till.effects()[0] == 0 and [row["state"] for row in till.journal()] == ["reversal due"]
    till.bench.network.refuse = False
    till.waits(700_000)
    assert till.effects() == (0, 0) and till.journal()[0]["state"] == "reversed"
    till.pays("300")
    assert till.effects() == (1, 1)


def test_a_debt_that_cannot_be_paid_is_tried_with_longer_pauses_and_told_after_six(till):
    asks(till, "never")
    till.bench.world.after(3_000_000, setattr, till.bench.network, "refuse", True)
    till.sees("No answer", 90_000).ready().waits(900_000)
    tries = [row["t_us"] / 1e6 for row in till.events("owed")]
    pauses = [round(later - earlier) for earlier, later in zip(tries, tries[1:], strict=False)]
    assert pauses[:5] == [10, 20, 40, 80, 160] and max(pauses) <= 301
    assert [row["name"] for row in till.events("trigger") if row["name"] == "owed_long"] == ["owed_long"]
    till.bench.network.refuse = False
    till.waits(400_000)
    assert till.journal()[0]["state"] == "reversed" and till.agree() == 1


def test_no_link_at_all_declines_before_anything_is_owed(till_with):
    till = till_with(lambda bench: setattr(bench.network, "off", True))
    till.ready().keys("1250D").sees("Tap a card").taps("visa").sees("No connection", 60_000).ready()
    assert till.journal() == [] and till.effects() == (0, 0)


def test_a_host_with_a_foreign_certificate_is_not_spoken_to(till_with, tmp_path):
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from microtill.bench.acquirer.tls import TlsBank, server_context
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bank.test")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(datetime.datetime(2020, 1, 1)).not_valid_after(datetime.datetime(2049, 1, 1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.test")]), False).sign(key, hashes.SHA256()))
    (tmp_path / "c.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "k.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def foreign(bench):
        bench.network.bank = TlsBank(bench.bank, server_context(str(tmp_path / "c.pem"), str(tmp_path / "k.pem")))
    till = till_with(foreign)
    till.ready().keys("1250D").sees("Tap a card").taps("visa").sees("No connection", 60_000).ready()
    assert till.bench.bank.records() == [] and till.events("message") == []


@pytest.mark.parametrize("fault", [("link", "to_host", 2), ("link", "to_terminal", 2)])
def test_the_line_cut_at_the_sale_is_undone_on_the_next_line(image, fault):
    verdict = sweep.sale(image, fault)
    assert verdict.one_effect and (verdict.terminal, verdict.bank) == (0, 0) and verdict.outcome == "No answer"
