# test_killed.py: the whole bench killed without warning at a real moment of a payment; the next run finds flash and bank as they were.
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).parent / "microtill")


def run(*words):
    return subprocess.run([COMMAND, "--json", *[str(word) for word in words]], capture_output=True, text=True)


@pytest.mark.parametrize("words", ["Tap a card", "0200", "owed", "approved", "paper:"])
def test_killed_when_it_says(words, tmp_path):
    """Killed as soon as the story on its output has come to these words: then one more payment, and both books are the same."""
    running = subprocess.Popen([COMMAND, "pay", "12.50", "--card", "visa", "--state", str(tmp_path), "--real"], stdout=subprocess.PIPE, text=True)
    for line in running.stdout:
        if words in line:
            break
    else:
        pytest.fail("never said %r" % words)
    running.kill()
    running.wait()
    running.stdout.close()
    deadline = time.monotonic() + 60
    while True:                         # the terminal's own process leaves when its bench has gone
        after = run("pay", "1.00", "--state", tmp_path)
        if after.returncode == 0 or time.monotonic() > deadline:
            break
    assert after.returncode == 0, after.stdout
    books = run("reconcile", "--state", tmp_path)
    assert books.returncode == 0, books.stdout
