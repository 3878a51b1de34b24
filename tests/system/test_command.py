# test_command.py: the command as a person or a script meets it: one JSON object, exit statuses, one line for an error.
import json
import subprocess
import sys
from pathlib import Path

import pytest

from microtill.device_source import records
from microtill.torture import journal

COMMAND = str(Path(sys.executable).parent / "microtill")


def run(*words):
    done = subprocess.run([COMMAND, *[str(word) for word in words]], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_pay_in_json_holds_what_is_promised_and_ends_0(tmp_path):
    status, out, _ = run("--json", "pay", "12.50", "--card", "visa-pin", "--pin", "1234", "--state", tmp_path, "--receipt", tmp_path / "r.png")
    answer = json.loads(out)
    assert status == 0 and answer["outcome"] == "approved"
    assert {"outcome", "reason", "amount_minor", "currency", "stan", "trigger", "screens", "receipt_text", "card_ms", "terminal_effects",
            "bank_effects"} <= set(answer)
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    for verb, least in (("journal", 4), ("ledger", 1), ("triggers", 10), ("trace", 4)):
        status, out, _ = run("--json", verb, "--state", tmp_path)
        assert status == 0 and len(json.loads(out)) >= least, verb
    status, out, _ = run("--json", "reconcile", "--state", tmp_path)
    assert status == 0 and json.loads(out) == {"matched": 1, "differences": []}
    status, out, _ = run("--json", "explain", answer["trigger"], "--state", tmp_path)
    assert status == 0 and len(json.loads(out)["steps"]) > 20 and all(step["clause"] for step in json.loads(out)["steps"])
    rows = json.loads(run("--json", "triggers", "--state", tmp_path)[1])
    assert sum(row["started"] for row in rows if row["trigger"] == "digit") == 1


def test_a_decline_ends_1_and_says_why(tmp_path):
    status, out, _ = run("--json", "pay", "12.50", "--card", "no-funds", "--state", tmp_path)
    assert status == 1 and json.loads(out)["reason"] == "no_funds"


def test_with_nobody_at_the_bank_nothing_is_approved(tmp_path):
    status, out, _ = run("--json", "pay", "12.50", "--no-bank", "--state", tmp_path)
    assert status == 1 and json.loads(out)["reason"] == "no_link"


def test_books_that_differ_end_1(tmp_path):
    import sqlite3
    run("-q", "pay", "1.00", "--state", tmp_path)
    with sqlite3.connect(tmp_path / "bank.sqlite") as db:
        db.execute("UPDATE entries SET reversed = 1")
    status, out, _ = run("--json", "reconcile", "--state", tmp_path)
    assert status == 1 and json.loads(out)["differences"][0]["why"] == "effects 1 and 0"


@pytest.mark.parametrize("words, code", [
    (("pay", "twelve"), "P01"), (("pay", "1.234"), "P01"), (("pay", "0"), "P01"), (("pay", "1.00", "--card", "gold"), "U05"),
    (("pay", "1.00", "--pin", "abcd"), "U06"), (("pay", "1.00", "--host", "nowhere"), "U01"), (("journal",), "U02"),
    (("vectors", "/nonexistent.json"), "U03"),
])
def test_what_cannot_be_done_is_one_line_with_a_code_and_ends_2(words, code, tmp_path):
    more = () if words[0] == "vectors" else ("--state", tmp_path / "none")
    status, out, err = run(*words, *more)
    assert status == 2 and err.startswith("microtill: " + code) and err.count("\n") == 1 and "Traceback" not in err
    status, out, err = run("--json", *words, *more)
    assert status == 2 and json.loads(out)["error"] == code


def test_usage_ends_2():
    assert run("fly")[0] == 2 and run("--target", "moon", "cards")[0] == 2


def test_vectors_report_an_unknown_kind_and_fail_a_turned_digit(tmp_path):
    good = Path(__file__).parents[1] / "vectors" / "aes_cmac.json"
    (tmp_path / "odd.json").write_text('{"kind": "no_such_kind"}')
    status, out, _ = run("--json", "vectors", good, tmp_path / "odd.json")
    answer = json.loads(out)
    assert status == 0 and answer["passed"] == 3 and answer["unknown_kind"][0]["kind"] == "no_such_kind"
    (tmp_path / "bad.json").write_text(good.read_text().replace("BB1D6929", "BB1D6928"))
    status, out, _ = run("--json", "vectors", tmp_path / "bad.json")
    assert status == 1 and json.loads(out)["failed"] == 1


def test_a_bank_over_a_real_socket(tmp_path):
    bank = subprocess.Popen([COMMAND, "--json", "bank", "--state", str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        port = json.loads(bank.stdout.readline())["port"]
        status, out, _ = run("--json", "pay", "4.20", "--host", "127.0.0.1:%d" % port, "--state", tmp_path)
        answer = json.loads(out)
        assert status == 0 and (answer["terminal_effects"], answer["bank_effects"]) == (1, 1)
    finally:
        bank.terminate()
        bank.wait()
    status, out, _ = run("--json", "pay", "4.20", "--host", "127.0.0.1:%d" % port, "--state", tmp_path)
    assert status == 1 and json.loads(out)["outcome"] == "declined"


def test_an_altered_record_is_told_by_journal_reconcile_and_why_not(tmp_path):
    """Somebody flips one bit of a payment on the flash of a terminal that is off."""
    assert run("pay", "12.50", "--state", tmp_path)[0] == 0
    flash = tmp_path / "flash.bin"
    data = bytearray(flash.read_bytes())
    number = next(row["number"] for row in journal.rows(bytes(data)) if row["record"] == "owed")
    data[data.index(bytes((records.PAYMENT, 0)) + number.to_bytes(4, "little")) + 8] ^= 0x10
    flash.write_bytes(data)
    status, out, _ = run("--json", "journal", "--state", tmp_path)
    assert status == 1 and [row for row in json.loads(out) if row["record"] in ("owed", "altered")] == [
        {"number": number, "record": "altered", "count": 1}]
    status, out, _ = run("reconcile", "--state", tmp_path)
    assert status == 1 and "altered: record %d of the journal" % number in out and "only the bank has it" in out
    status, out, _ = run("--json", "why-not", "sale", "--state", tmp_path)
    assert status == 1 and json.loads(out)["reason"] == "S07" and "self-test" in json.loads(out)["change"]
