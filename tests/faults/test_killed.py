# test_killed.py: terminal, bank or both killed without warning at a real moment of a payment; the next run finds flash and ledger as they were,
# pays what is owed, and both books are the same. MICROTILL_KILLS says how many moments by chance; `make kills` takes 200.
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).parent / "microtill")
KILLS = int(os.environ.get("MICROTILL_KILLS", "2"))
WHO = ("terminal", "bank", "both")
FIRST_S, LAST_S = 0.5, 6.0              # when a payment at people's pace is killed: from its first key to the paper
WITHIN_S = 60


def run(*words):
    return subprocess.run([COMMAND, "--json", *[str(word) for word in words]], capture_output=True, text=True)


def pays_again(state, *more):
    """One more payment, as soon as the terminal's own process has left: it does when its bench has gone."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        after = run("pay", "1.00", "--state", state, *more)
        if after.returncode == 0 or time.monotonic() > deadline:
            return after


@pytest.mark.parametrize("words", ["Tap a card", "0200", "owed", "approved", "paper:"])
def test_killed_when_it_says(words, tmp_path):
    """Killed as soon as the story on its output has come to these words: then one more payment, and both books are the same."""
    running = subprocess.Popen([COMMAND, "pay", "12.50", "--card", "visa", "--state", str(tmp_path), "--real"], stdout=subprocess.PIPE, text=True)
    for line in running.stdout:
        if words in line:
            break
    else:
        pytest.fail("never said %r" % words)
    end(running)
    after = pays_again(tmp_path)
    assert after.returncode == 0, after.stdout
    books = run("reconcile", "--state", tmp_path)
    assert books.returncode == 0, books.stdout


def bank(state, port=0):
    """(process, port) of a bank that listens."""
    process = subprocess.Popen([COMMAND, "--json", "bank", "--port", str(port), "--state", str(state)], stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())["port"]


def end(process):
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_moment_by_chance(number, tmp_path):
    """A bank of its own behind a real socket; who is killed and when is by chance, the same in every run of this number."""
    chance = random.Random(number)
    who, after_s = WHO[number % len(WHO)], chance.uniform(FIRST_S, LAST_S)
    acquirer, port = bank(tmp_path)
    try:
        host = ("--host", "127.0.0.1:%d" % port)
        assert run("pay", "2.00", "--state", tmp_path, *host).returncode == 0
        paying = subprocess.Popen([COMMAND, "pay", "12.50", "--card", "visa", "--state", str(tmp_path), *host], stdout=subprocess.PIPE, text=True)
        try:
            for line in paying.stdout:
                if "Amount" in line or "Tap a card" in line:
                    break
            time.sleep(after_s)
            if who != "terminal":
                end(acquirer)
                acquirer, _port = bank(tmp_path, port)
            if who == "bank":
                paying.communicate(timeout=WITHIN_S)
        finally:
            end(paying)
        after = pays_again(tmp_path, *host)
        assert after.returncode == 0, after.stdout
        books = run("reconcile", "--state", tmp_path)
        assert books.returncode == 0, (who, after_s, books.stdout)
    finally:
        end(acquirer)
