# test_pty.py: the real-time host: a serial port with a board at its other end, rate changes, and a client that does not read.
import os
import termios
import time

from microtill.bench.chips.pn532 import PN532
from microtill.bench.chips.pn532_hsu import framed
from microtill.bench.chips.pty import Host, Port, Pty
from microtill.bench.world import World

ACK = bytes.fromhex("0000ff00ff00")
VERSION = framed(bytes.fromhex("d50332010607"))


class Echo:
    """Says back sixteen times what it hears."""
    baud = 4_000_000

    def on_bytes(self, data, baud):
        self.line.to_host(data * 16, baud)

    def power_on(self):
        """It remembers nothing."""


def turn_until(host, true):
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        host.turn(0.01)


def test_a_chip_on_a_serial_port_follows_its_own_rate():
    master, slave = os.openpty()
    os.set_blocking(master, False)
    chip = PN532(World())
    host = Host(chip.world, chip, Port(os.ttyname(slave)))
    got = bytearray()

    def hears(data, answer):
        os.write(master, data)

        def there():
            try:
                got.extend(os.read(master, 4096))
            except BlockingIOError:
                pass
            return got.endswith(answer)
        turn_until(host, there)
    hears(b"\x55\x55" + bytes(14) + framed(b"\xd4\x02"), VERSION)
    hears(framed(b"\xd4\x10\x08"), framed(b"\xd5\x11"))
    os.write(master, ACK)
    turn_until(host, lambda: host.end.rate() == 1288000)
    assert chip.baud == 1288000
    host.end.close()
    os.close(master)
    os.close(slave)


def test_a_client_that_does_not_read_loses_bytes_and_nobody_waits(tmp_path):
    world, link = World(), str(tmp_path / "echo")
    host = Host(world, Echo(), Pty(link))
    client = os.open(link, os.O_RDWR | os.O_NOCTTY)
    mode = termios.tcgetattr(client)
    mode[4] = mode[5] = termios.B4000000
    termios.tcsetattr(client, termios.TCSANOW, mode)
    for _ in range(8):
        os.write(client, bytes(1024))
        host.turn(1)
        turn_until(host, lambda: not host.line.tx_left_us() and world.next_us() is None)
    assert host.lost > 0
    os.close(client)
    host.end.close()
    assert not os.path.lexists(link)


def test_a_stale_link_is_replaced(tmp_path):
    link = tmp_path / "chip"
    link.symlink_to(tmp_path / "gone")
    end = Pty(str(link))
    assert os.readlink(link).startswith("/dev/pts/")
    end.close()
