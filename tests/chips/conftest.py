# conftest.py: serves chip models on pseudo-terminals to clients that we did not write. A missing client is skipped by name.
import os
import shutil
import threading
from collections import deque

import pytest

from microtill.bench.chips.pty import Host, Pty
from microtill.bench.world import World


@pytest.fixture
def needs_program():
    """needs_program(program, package) -> its path. Skips with the command that brings it, or fails where CI=true."""
    def find(program, package):
        found = shutil.which(program)
        if not found:
            words = f"{program} is missing: apt-get install -y {package}"
            if os.environ.get("CI") == "true":
                pytest.fail(words)
            pytest.skip(words)
        return found
    return find


class PlainCard:
    """An ISO 14443-4 card that answers with as many bytes as P1 and P2 ask for, after 2 ms."""
    atqa, sak, ats = b"\x00\x04", 0x20, bytes.fromhex("0578807002")

    def __init__(self, uid="04a1b2c3"):
        self.uid, self.seen = bytes.fromhex(uid), []

    def power_on(self):
        self.seen.clear()

    def apdu(self, command):
        self.seen.append(command)
        size = int.from_bytes(command[2:4], "big")
        return bytes(i & 0xFF for i in range(size)) + b"\x90\x00", 2_000


@pytest.fixture
def plain_card():
    """plain_card(uid) -> a PlainCard."""
    return PlainCard


class Served:
    """A chip in a thread of its own; `do(action)` runs an action there and waits for it."""

    def __init__(self, make, link):
        self.world, self.link = World(), str(link)
        self.chip = make(self.world)
        self._jobs, self._stop = deque(), False
        host = Host(self.world, self.chip, Pty(self.link))
        self._thread = threading.Thread(target=host.run, args=(self._stopped,), daemon=True)
        self._thread.start()

    def _stopped(self):
        while self._jobs:
            action, done = self._jobs.popleft()
            action()
            done.set()
        return self._stop

    def do(self, action):
        done = threading.Event()
        self._jobs.append((action, done))
        assert done.wait(30)

    def wait_for(self, true):
        """Until `true()` holds, asked in the chip's thread; fails after 30 s."""
        held = threading.Event()
        for _ in range(300):
            self.do(lambda: true() and held.set())
            if held.wait(0.1):
                return
        pytest.fail("it never came about")

    def close(self):
        self._stop = True
        self._thread.join(30)


@pytest.fixture
def serve(tmp_path):
    """serve(make) offers make(world) at a link in the test's own folder and returns the Served."""
    served = []

    def start(make):
        served.append(Served(make, tmp_path / f"chip{len(served)}"))
        return served[-1]
    yield start
    for one in served:
        one.close()
