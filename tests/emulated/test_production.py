# test_production.py: what comes in over the lines of a production build, whatever it is, gets typed refusals at most, and a payment still works; the
# development build does react. Time is the emulated board's.
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from hands import Hands

from microtill import frozen, sweep
from microtill.bench.qemu import Qemu
from microtill.bench.targets import Gone
from microtill.device_source import frame

USARTS = 6                              # of the emulated chip; the first is where a prompt would be
RAW_REPL = b"\r\x03\x03\x01import os\nprint(6 * 7)\n\x04"       # interrupt twice, the raw prompt, a program, run it
MORE = (b"\x02\r\nhelp()\r\n", b"\x05A\x01import machine\n\x04", b"\x03" * 300, b"\x04\x04", b"\x05paste\x04", b"\xff" * 400)
HOUR_MS, BURSTS = 3_600_000, 60
LATE_S = 300                            # of the wall's clock
REFUSALS = {"P02"}                      # that is no request


class Joined(Qemu):
    """The board with every USART at the end of a socket."""

    def __init__(self, kind):
        super().__init__(kind=kind)
        self.lines = []
        self._serial, *others = ["unix:%s,server=on,wait=off" % (self.folder / ("usart%d" % n)) for n in range(USARTS)]
        self.options = tuple(word for other in others for word in ("-serial", other))

    def start(self):
        channel = super().start()
        self.lines = [self._join("usart%d" % n) for n in range(USARTS)]
        return channel

    def _join(self, name):
        end = socket.socket(socket.AF_UNIX)
        until = time.monotonic() + 20
        while True:
            try:
                end.connect(str(self.folder / name))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < until, "the emulator offers no line"
                time.sleep(0.01)
        end.setblocking(False)
        return end

    def cut(self):
        for end in self.lines:
            end.close()
        self.lines = []
        super().cut()

    def said(self, usart=0):
        """What came out of a line since the last look."""
        try:
            return self.lines[usart].recv(65536)
        except BlockingIOError:
            return b""

    def send(self, data):
        for end in self.lines:
            try:
                end.send(data)
            except BlockingIOError:
                pass                    # the line is full of what nobody takes


# What a prompt, a compiler, a key that interrupts, modules from a file and file systems are made of.
PARTS = {"pyexec_raw_repl", "pyexec_friendly_repl", "mp_parse", "mp_compile", "mp_lexer_new_from_file", "mp_sched_keyboard_interrupt",
         "mp_raw_code_load_file", "mp_vfs_mount", "mp_vfs_rom_ioctl", "mp_builtin_exec_obj", "mp_builtin_eval_obj"}


def parts_in(elf):
    said = subprocess.run(["arm-none-eabi-nm", str(elf)], check=True, capture_output=True, text=True).stdout
    return PARTS & {line.split()[-1] for line in said.splitlines()}


def test_no_prompt_compiler_or_file_system_is_in_a_production_build(firmware):
    assert parts_in(frozen.build("qemu_stm32", say=lambda text: None, kind="production")) == set()
    assert parts_in(firmware) == PARTS


def test_the_command_runs_it_and_knows_no_such_build_of_the_sim(firmware, tmp_path):
    def command(*words):
        return subprocess.run([sys.executable, "-m", "microtill.cli", *words, "--state", str(tmp_path)], capture_output=True, text=True, timeout=120)
    paid = command("--target", "qemu-stm32", "--build", "production", "--json", "pay", "12.50", "--card", "visa")
    assert paid.returncode == 0 and json.loads(paid.stdout)["outcome"] == "approved", paid.stderr
    assert command("--build", "production", "pay", "12.50").returncode == 2


@pytest.fixture(scope="module")
def image():
    return sweep.keyed_image()


@pytest.fixture
def hands(image, firmware):
    """hands(kind): a keyed terminal of this build at rest, and the end of its lines."""
    made = []

    def terminal(kind):
        target = Joined(kind)
        made.append(Hands(image, target=target))
        return made[-1].ready(), target
    yield terminal
    for one in made:
        one.close()


def noise(chance):
    """One burst: a try at a prompt, a flood, or garbage; some of it framed as a request."""
    kind = chance.randrange(4)
    if kind == 0:
        return RAW_REPL
    if kind == 1:
        return chance.choice(MORE)
    if kind == 2:
        return frame.encode(frame.REQUEST, chance.choice((b"{}", b"[1]", b'{"op": "exec"}', b'{"op": "vectors"}', b"\x01import os\x04", b"\xff")))
    return chance.randbytes(chance.choice((7, 300, 5000)))


def test_an_hour_of_prompts_floods_and_garbage_on_every_line_and_a_payment_still_works(hands):
    till, target = hands("production")
    bench, chance, answers = till.bench, random.Random(20), []
    lives, began = bench.lives, bench.world.now
    late = threading.Timer(LATE_S, os.kill, (target.pid, signal.SIGKILL))       # a terminal that left for a prompt never speaks again
    late.start()
    for _ in range(BURSTS):
        bench.console.last = None
        for number in bench.lines:
            bench.lines[number].to_host(noise(chance))
        target.send(noise(chance))
        till.waits(HOUR_MS // BURSTS)
        answers.append(bench.console.last)
    late.cancel()
    assert bench.world.now - began >= HOUR_MS * 1000
    refused = [answer for answer in answers if answer]
    assert refused and {answer["code"] for answer in refused} <= REFUSALS and not any(answer["ok"] for answer in refused)
    assert bench.lives == lives and [target.said(usart) for usart in range(USARTS)] == [b""] * USARTS
    till.pays()
    assert till.effects() == (1, 1)
    assert "Development" not in "".join(till.screens)


def test_the_development_build_says_so_and_reacts_to_the_same_bytes(hands):
    till, target = hands("development")
    assert "Starting\nDevelopment" in till.screens[0]
    target.lines[0].send(RAW_REPL)
    serving = threading.Thread(target=serve_until_it_leaves, args=(till,))
    serving.start()
    heard, until = b"", time.monotonic() + 60
    while b"OK42" not in heard and time.monotonic() < until:
        heard += target.said()
        time.sleep(0.02)
    os.kill(target.pid, signal.SIGKILL)
    serving.join()
    assert b"KeyboardInterrupt" in heard and b"raw REPL; CTRL-B to exit" in heard and b"OK42" in heard


def serve_until_it_leaves(till):
    """A terminal at its prompt speaks no more on the bus, and the bench hears of its end only."""
    with pytest.raises(Gone):
        till.waits(600_000)
