# test_drivers_modem.py: drivers/esp_at on the ESP-AT model, the bench's network and its bank behind it: a line that holds, and all that breaks one.
import random
import threading

import pytest
import serial
from driver_rig import DriverRig
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from microtill import demo
from microtill.bench.acquirer.tls import TlsBank, server_context
from microtill.bench.chips.esp_at import EspAt
from microtill.bench.network import Network
from microtill.bench.wires import UartLine
from microtill.verbs.chip import modem

PASSWORD = 'pass"w,ord\\'
MODEM = """
from esp_at import CLOSED, CONNECTED, CONNECTING, EspAt, EspAtError
modem = EspAt(UART(3, 115200, rxbuf=1024), Pin(40, Pin.OUT, value=1), time.time)
CA = bytes.fromhex("%s")

async def dial(host="bank.test", port=8583, ca=CA):
    stream = modem.connect(host, port, ca)
    while stream.state() == CONNECTING:
        await stream.readable()
    return stream

async def put(stream, data):
    while data:
        n = stream.write(data)
        data = data[n:]
        if not n:
            await stream.readable()

async def take(stream, size):
    got = b""
    buf = memoryview(bytearray(200))
    while len(got) < size:
        n = stream.readinto(buf[:size - len(got)])
        if n == 0:
            return got
        if n is None:
            await stream.readable()
        else:
            got += bytes(buf[:n])
    return got

async def ask(stream, message):
    await put(stream, len(message).to_bytes(2, "big") + message)
    head = await take(stream, 2)
    return await take(stream, head[0] << 8 | head[1]) if len(head) == 2 else None
"""


class Echo:
    """A bank that says each message back to front, after `late_us`; `times` as often as it was said."""

    def __init__(self):
        self.heard, self.late_us, self.times, self.hang_up = [], 20_000, 1, False

    def replies(self, message):
        self.heard.append(bytes(message))
        return None if self.hang_up else [(self.late_us, bytes(reversed(message)) * self.times)]


class ModemRig(DriverRig):
    """The rig of the drivers, with a modem on UART 3 (EN: pin 40), the network of the bench, and a bank behind it."""

    def __init__(self, seed=1, context=None):
        DriverRig.__init__(self, seed)
        self.bank, self.gauges = Echo(), 0
        self.network = Network(self.world, TlsBank(self.bank, context), ("bank.test:8583",))
        self.network.woken = self.rig.pace.woken
        self.modem = EspAt(self.world, self.network, {"shop": PASSWORD}, random.Random(seed))
        self.lines[3] = UartLine(self.world, 3, self.edges, self.modem)
        self.modem.watch(self.pins, 40)
        self.said = []
        self.modem.on_command = lambda text: self.said.append(text.decode("latin-1"))

    def power_on(self):
        DriverRig.power_on(self)
        self.network.power_on()
        self.modem.power_on()

    def talk(self, script, within_s=120, **when):
        """What the script says; the network's name and password are known to it. `when` maps what it says to an act on the rig."""
        for words, act in when.items():
            self.when(words, act, self)
        lines = ["modem.network('shop', %r)" % PASSWORD, *script.strip().split("\n")]
        return self.run(MODEM % demo.CA_DER.read_bytes().hex(), "async def main():\n" + "".join("    %s\n" % line for line in lines), within_s)


def talk(script, rig=None, within_s=120, **when):
    rig = rig or ModemRig()
    return rig.talk(script, within_s, **when), rig


GOOD = """
stream = await dial()
say(stream.failed or bytes(await ask(stream, b"hello")))
"""
AGAIN = GOOD.replace("hello", "again")
WELL = "b'niaga'"


def commands(rig, start):
    return [text for text in rig.said if text.startswith(start)]


def test_a_message_goes_to_the_bank_and_its_answer_comes_back():
    said, rig = talk(GOOD + "say(modem.version, modem.wifi, await modem.ask_wifi())")
    assert said == ["b'olleh'", "(4, 1, 1) joined joined"] and rig.bank.heard == [b"hello"]
    assert rig.held_us < 20_000
    assert rig.modem.stored.keys() == {("client_ca", "client_ca.0")}       # the network's password is not in its flash


def test_the_second_call_does_not_join_again_and_only_reads_the_certificate_back():
    said, rig = talk(GOOD + "stream.close()\nrig = len(CA)\nsay('second')" + AGAIN, second=lambda rig: rig.said.clear())
    assert said == ["b'olleh'", "second", WELL]
    assert all(text.startswith("AT+SYSMFG=1,") for text in commands(rig, "AT+SYSMFG"))         # 1: read, 2: write
    assert [text.split("=")[0] for text in rig.said if not text.startswith("AT+SYSMFG")] == [
        "AT+CIPCLOSE", "AT+SYSTIMESTAMP", "AT+CIPSSLCCONF", "AT+CIPSSLCSNI", "AT+CIPSSLCCN", "AT+CIPSSLCCONF?", "AT+CIPSTART", "AT+CIPSEND",
        "AT+CIPRECVDATA"]


def on_a_supply_of_its_own():
    """A rig whose modem stays on while the terminal starts again."""
    rig = ModemRig()
    rig.world.run_until(500_000)
    rig.modem.power_on = lambda: None
    return rig


def test_a_terminal_that_started_again_finds_its_modem_joined():
    rig = on_a_supply_of_its_own()
    assert talk(GOOD + "stream.close()\nawait asyncio.sleep_ms(500)", rig)[0] == ["b'olleh'"]
    rig.said.clear()
    assert talk(AGAIN, rig)[0] == [WELL] and not commands(rig, "AT+CWJAP") and not commands(rig, "AT+SYSMFG=2")


def test_a_terminal_that_started_again_in_the_middle_of_a_call_hangs_up_the_old_one():
    rig = on_a_supply_of_its_own()
    assert talk(GOOD, rig)[0] == ["b'olleh'"] and rig.modem.connection is not None
    assert talk(AGAIN, rig)[0] == [WELL]


def test_a_modem_left_at_another_rate_is_found():
    rig = on_a_supply_of_its_own()
    fast = "modem._baud = 921600"
    for _ in range(2):
        assert talk(fast + GOOD + "stream.close()\nawait asyncio.sleep_ms(500)", rig)[0] == ["b'olleh'"]
        assert rig.modem.baud == 921600
    assert len(commands(rig, "AT+UART_CUR")) == 1


# whom it believes

def other_certificates(host):
    """(CA in DER, server certificate in PEM, its key) of an authority of this test's own, for `host`."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.x509 import DNSName, SubjectAlternativeName

    from microtill.demo import make_tls
    ca_key, ca = make_tls.authority()
    key = make_tls.rsa.generate_private_key(65537, 2048)
    certificate = (make_tls._builder(make_tls._name(host), ca.subject, key)
                   .add_extension(SubjectAlternativeName([DNSName(host)]), critical=False).sign(ca_key, make_tls.hashes.SHA256()))
    return (ca.public_bytes(serialization.Encoding.DER), certificate.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """stranger(host) -> (the CA's DER, a TLS context of a server so named)."""
    folder = tmp_path_factory.mktemp("stranger")

    def make(host):
        ca, certificate, key = other_certificates(host)
        (folder / "cert.pem").write_bytes(certificate)
        (folder / "key.pem").write_bytes(key)
        return ca, server_context(folder / "cert.pem", folder / "key.pem")
    return make


def test_a_host_that_another_authority_certified_hears_nothing(stranger):
    said, rig = talk("stream = await dial()\nsay(stream.failed, modem.failed)\nsay('mend')" + AGAIN, ModemRig(context=stranger("bank.test")[1]),
                     mend=lambda rig: setattr(rig.network, "bank", TlsBank(rig.bank)))
    assert said == ["certificate certificate", "mend", WELL] and rig.bank.heard == [b"again"]


def test_a_host_of_another_name_hears_nothing(stranger):
    ca, context = stranger("other.test")
    said, rig = talk("say((await dial(ca=bytes.fromhex(%r))).failed)" % ca.hex(), ModemRig(context=context))
    assert said == ["certificate"] and rig.bank.heard == []


def test_a_certificate_out_of_its_dates_is_not_believed():
    said, rig = talk("modem._unix = lambda: 0\nsay((await dial()).failed)\nmodem._unix = time.time" + AGAIN)
    assert said == ["certificate", WELL]


def test_without_an_authority_nobody_is_called():
    said, rig = talk("say((await dial(ca=None)).failed, (await dial(ca=b'')).failed)" + AGAIN)
    assert said == ["certificate certificate", WELL] and len(commands(rig, "AT+CIPSTART")) == 1


def test_another_authority_in_its_flash_is_replaced_and_a_longer_one_too(stranger):
    rig, right = ModemRig(), demo.CA_DER.read_bytes()
    for stored in (stranger("bank.test")[0], right + b"\0", right[:-1], b"\r\nOK\r\n"):
        rig.modem.stored = {("client_ca", "client_ca.0"): stored}
        assert talk(AGAIN, rig)[0] == [WELL]
        assert rig.modem.stored == {("client_ca", "client_ca.0"): right}


def test_a_flash_that_keeps_something_else_is_found_out():
    rig = ModemRig()
    keep = rig.modem._keep
    rig.modem._keep = lambda key, data: keep(key, data[:100] + b"?" + data[101:])
    assert talk("say((await dial()).failed)", rig)[0] == ["certificate"] and not commands(rig, "AT+CIPSTART")


def test_a_modem_that_does_not_check_is_not_used():
    rig = ModemRig()
    rig.modem._table["+CIPSSLCCONF"] = lambda name, kind, words: rig.modem.done(
        b"+CIPSSLCCONF:0,0,0,0\r\n\r\nOK\r\n" if kind == "?" else b"\r\nOK\r\n")
    assert talk("say((await dial()).failed)", rig)[0] == ["certificate"] and not commands(rig, "AT+CIPSTART")


def test_a_modem_too_old_is_told():
    rig = ModemRig()
    rig.modem._table["+GMR"] = lambda name, kind, words: rig.modem.done(b"AT version:2.4.0.0(x)\r\n\r\nOK\r\n")
    assert talk("say(await tried(modem.start()), modem.version, (await dial()).failed)", rig)[0] == ["!version (2, 4, 0) version"]


# the way there

def test_a_shut_port_and_a_silent_host_are_refused():
    said, rig = talk("say((await dial()).failed)\nsay('off')\nbegan = time.ticks_ms()\nsay((await dial()).failed)\n"
                     "say(time.ticks_ms() - began < 25000)\nsay('on')" + AGAIN,
                     off=lambda rig: rig.network.__dict__.update(refuse=False, off=True),
                     on=lambda rig: rig.network.__dict__.update(off=False), rig=shut())
    assert said == ["refused", "off", "refused", "True", "on", WELL]


def shut():
    rig = ModemRig()
    rig.network.refuse = True
    return rig


def test_a_wrong_password_and_a_network_that_is_not_there():
    said, _ = talk("say(await tried(modem.join('shop', 'wrong')))\nsay(await tried(modem.join('shup', 'x')), modem.wifi)\n"
                   "modem.network('shop', %r)" % PASSWORD + AGAIN)
    assert said == ["!password", "!no_network out", WELL]


def test_no_network_was_ever_named():
    assert talk("modem.network(None, None)\nsay((await dial()).failed)")[0] == ["not_joined"]


def test_a_fall_of_the_wifi_that_was_not_heard_of_is_found_out():
    def unheard(rig):
        rig.modem.spoil = lambda data: data.replace(b"WIFI DISCONNECT", b"WIFI DISCO??ECT")
        rig.modem.drop_wifi()
        rig.modem.networks = rig.modem._away
        rig.modem._attempt += 1                     # and it does not join again by itself
    said, _ = talk(GOOD + "say('fall')\nsay((await dial()).failed)" + AGAIN, fall=unheard)
    assert said == ["b'olleh'", "fall", "not_joined", WELL]


def test_wifi_that_falls_in_a_wait_and_comes_back():
    said, rig = talk(GOOD + "say('fall')\nsay(await ask(stream, b'lost'), stream.state() == CLOSED, modem.wifi)\n"
                     "say((await dial()).failed)\nsay('back')\nawait asyncio.sleep_ms(8000)" + AGAIN,
                     fall=lambda rig: (setattr(rig.bank, "late_us", 5_000_000), rig.world.after(500_000, rig.modem.drop_wifi)),
                     back=lambda rig: (setattr(rig.bank, "late_us", 20_000), rig.modem.wifi_returns()))
    assert said[:4] == ["b'olleh'", "fall", "None True out", "no_network"] and said[-1] == WELL


def test_a_line_that_the_bank_closes_is_closed_here_and_the_next_one_stands():
    said, _ = talk(GOOD + "say('hang up')\nsay(await ask(stream, b'bye'), stream.state() == CLOSED, stream.failed)\nsay('well')" + AGAIN,
                   **{"hang up": lambda rig: setattr(rig.bank, "hang_up", True), "well": lambda rig: setattr(rig.bank, "hang_up", False)})
    assert said == ["b'olleh'", "hang up", "None True None", "well", WELL]


def test_the_line_is_cut_at_the_very_burst_that_was_asked_for():
    said, rig = talk(GOOD + "say('cut')\nsay(await ask(stream, b'cut'), stream.state() == CLOSED)" + AGAIN,
                     cut=lambda rig: setattr(rig.network, "cut_at", ("to_terminal", rig.network.bursts["to_terminal"] + 1)))
    assert said == ["b'olleh'", "cut", "None True", WELL] and rig.bank.heard == [b"hello", b"cut", b"again"]


def test_a_slow_and_lossy_line_only_takes_longer():
    rig = ModemRig()
    rig.network.slow_us, rig.network.lossy = 400_000, True
    assert talk(GOOD + AGAIN, rig)[0] == ["b'olleh'", WELL]


# what is said

NASTY = b"\r\nOK\r\n", b"OK\r\nERROR\r\n>\r\nready\r\nCLOSED\r\n", b"+IPD,9999:", b"+CIPRECVDATA:5,", b"\xff" * 300, bytes(range(256))


@pytest.mark.parametrize("message", NASTY, ids=range(len(NASTY)))
def test_bytes_that_look_like_the_modems_own_words_pass_both_ways(message):
    said, rig = talk("stream = await dial()\nsent = bytes.fromhex(%r)\ngot = await ask(stream, sent)\n"
                     "say(got == bytes(reversed(sent)))" % message.hex() + AGAIN)
    assert said == ["True", WELL] and rig.bank.heard[0] == message


@pytest.mark.parametrize("times", [3, 12])
def test_an_answer_longer_than_any_buffer_waits_in_the_modem(times):
    rig = ModemRig()
    rig.bank.times = times
    said, _ = talk("stream = await dial()\nsent = bytes(i * 7 & 255 for i in range(1000))\nawait put(stream, b'\\x03\\xe8' + sent)\n"
                   "await asyncio.sleep_ms(3000)\nhead = await take(stream, 2)\ngot = await take(stream, head[0] << 8 | head[1])\n"
                   "say(len(got), got == bytes(reversed(sent)) * %d)" % times, rig)
    assert said == ["%d True" % (times * 1000)]
    assert rig.lines[3].lost == 0


def test_two_messages_in_a_row_come_in_their_order():
    said, rig = talk("stream = await dial()\nawait put(stream, b'\\0\\3one')\nawait put(stream, b'\\0\\3two')\nsay(await take(stream, 10))")
    assert said == [repr(b"\x00\x03eno\x00\x03owt")] and rig.bank.heard == [b"one", b"two"]


# what a modem does wrong

def test_noise_before_it_is_ready_and_an_echo_that_stays():
    rig = ModemRig()
    rig.modem.noise, rig.modem.echo_sticks = bytes(range(256)) * 2, True
    assert talk(GOOD + AGAIN, rig)[0] == ["b'olleh'", WELL]


def test_lines_that_nobody_asked_for_in_the_middle_of_every_answer():
    rig = ModemRig()
    rig.modem.chatter = lambda: [b"+STA_CONNECTED:02:00:00:00:00:02\r\n", b"Recv 3 bytes\r\n", b"\r\n"]
    assert talk(GOOD + AGAIN, rig)[0] == ["b'olleh'", WELL]


@pytest.mark.parametrize("size", [900, 5000])
def test_a_line_without_an_end_is_not_the_end_of_the_modem(size):
    said, _ = talk(GOOD + "say('endless')\nif %d > 1000: await dial()" % size + AGAIN,        # what the UART cannot hold takes an answer with it
                   endless=lambda rig: rig.modem.say(b"x" * size + b"OK\r\n"))
    assert said == ["b'olleh'", "endless", WELL]


@pytest.mark.parametrize("ms, ends", [(600, WELL), (15_000, WELL), (90_000, WELL)])
def test_a_busy_modem_is_waited_for_or_started_anew(ms, ends):
    said, rig = talk(GOOD + "stream.close()\nsay('busy')\nfailed = (await dial()).failed" + AGAIN,
                     busy=lambda rig: rig.modem.busy(ms * 1000))
    assert said == ["b'olleh'", "busy", ends]


def test_it_starts_anew_by_itself_in_a_wait():
    said, rig = talk(GOOD + "say('crash')\nsay(await ask(stream, b'lost'), stream.failed)\nawait asyncio.sleep_ms(400)" + AGAIN,
                     crash=lambda rig: rig.world.after(10_000, rig.modem.restart))
    assert said[2] in ("None reset",) and said[-1] == WELL


def test_its_supply_fails_and_it_says_nothing_of_it():
    said, rig = talk(GOOD + "say('dip')\nbegan = time.ticks_ms()\nsay(await ask(stream, b'lost'))\nsay(time.ticks_ms() - began < 5000)" + AGAIN,
                     dip=lambda rig: rig.modem.brown_out(200_000))
    assert said == ["b'olleh'", "dip", "None", "True", WELL]


def test_a_deaf_modem_is_told_within_seconds_and_well_again_works():
    said, rig = talk(GOOD + "say('deaf')\nbegan = time.ticks_ms()\nsay(await ask(stream, b'lost'), stream.failed)\n"
                     "say(time.ticks_ms() - began < 15000)\nbegan = time.ticks_ms()\nsay((await dial()).failed)\n"
                     "say(time.ticks_ms() - began < 20000)\nsay('well')" + AGAIN,
                     deaf=lambda rig: setattr(rig.modem, "deaf", True), well=lambda rig: setattr(rig.modem, "deaf", False))
    assert said == ["b'olleh'", "deaf", "None deaf", "True", "deaf", "True", "well", WELL]


def test_a_prompt_that_is_lost_ends_the_line_and_the_bank_hears_no_message_twice():
    said, rig = talk(GOOD + "say('lose')\nsay(await ask(stream, b'lost'), stream.failed)" + AGAIN,
                     lose=lambda rig: setattr(rig.modem, "no_prompt", 1))
    assert said == ["b'olleh'", "lose", "None garbled", WELL] and rig.bank.heard == [b"hello", b"again"]


def test_a_count_that_the_modem_misheard_ends_the_line():
    def mishear(rig):
        hear = rig.modem.on_bytes
        rig.modem.on_bytes = lambda data, baud: hear(bytes(data).replace(b"CIPSEND=12", b"CIPSEND=10"), baud)
    said, rig = talk(GOOD + "say('mishear')\nsay(await ask(stream, b'twelveless'), stream.failed)" + AGAIN,
                     mishear=mishear)
    assert said == ["b'olleh'", "mishear", "None garbled", WELL] and rig.bank.heard == [b"hello", b"again"]


def test_the_line_closes_in_the_middle_of_a_send():
    said, rig = talk(GOOD + "say('close')\nsay(await ask(stream, b'lost' * 100), stream.state() == CLOSED)" + AGAIN,
                     close=lambda rig: setattr(rig.modem, "close_in_send", True))
    assert said == ["b'olleh'", "close", "None True", WELL] and rig.bank.heard == [b"hello", b"again"]


def test_a_closed_that_is_lost_is_noticed_by_whoever_waits():
    said, rig = talk(GOOD + "say('hang up')\nbegan = time.ticks_ms()\nsay(await take(stream, 1), stream.failed)\n"
                     "say(time.ticks_ms() - began < 3000)" + AGAIN,
                     **{"hang up": lambda rig: (setattr(rig.modem, "swallow_closed", 1), rig.network.hang_up())})
    assert said == ["b'olleh'", "hang up", "b'' dropped", "True", WELL]


def test_an_announcement_that_is_lost_only_costs_time():
    rig = ModemRig()
    rig.modem.spoil = lambda data: data.replace(b"+IPD", b"?IPD")
    assert talk(GOOD + AGAIN, rig)[0] == ["b'olleh'", WELL]


def test_data_in_a_mode_that_was_not_asked_for_is_not_believed():
    said, rig = talk(GOOD + "say('active')\nsay(await ask(stream, b'lost'), stream.failed)" + AGAIN,
                     active=lambda rig: rig.modem.numbers.update({"+CIPRECVMODE": 0}))
    assert said == ["b'olleh'", "active", "None garbled", WELL]


def test_a_call_given_up_half_way_is_not_in_the_way_of_the_next():
    said, rig = talk("say('off')\nstream = modem.connect('bank.test', 8583, CA)\nawait asyncio.sleep_ms(6000)\nstream.close()\n"
                     "say(stream.state() == CLOSED)\nsay('on')" + AGAIN,
                     off=lambda rig: setattr(rig.network, "off", True), on=lambda rig: setattr(rig.network, "off", False))
    assert said == ["off", "True", "on", WELL]


def test_a_word_too_long_for_a_command_is_refused():
    assert talk("say((await dial(host='x' * 300)).failed)" + AGAIN)[0] == ["size", WELL]


def test_without_an_enable_pin_it_is_told_to_start_anew():
    said, rig = talk("modem._enable = None\nawait modem.reset()" + AGAIN)
    assert said == [WELL] and commands(rig, "AT+RST") == ["AT+RST"]


def test_the_same_seed_gives_the_same_wire():
    traces = []
    for seed in (3, 3, 4):
        rig = ModemRig(seed)
        rig.lines[3].on_traffic = lambda direction, data, seen=(seen := []), rig=rig: seen.append((rig.world.now, direction, bytes(data)))
        talk(GOOD, rig)
        traces.append(seen)
    assert traces[0] == traces[1] != traces[2]


# the terminal's line to its host, over either

LINK = """
from socket import Socket
from till.acquirer.link import Link
from till.core.deadline import Deadline
heard = []
link = Link(%s, (("bank.test", 8583),), lambda: CA, heard.append)

async def once(word, ms=20000):
    try:
        await link.open(Deadline(ms), 1)
        return bytes(await link.ask(word, Deadline(ms), lambda answer: answer))
    except Exception as error:
        return "%%s %%s" %% (error.code, error.args)
"""
OVER = pytest.mark.parametrize("connect", ["modem.connect", "Socket"])


def over(connect, script, rig=None, **when):
    rig = rig or ModemRig()
    for words, act in when.items():
        rig.when(words, act, rig)
    before = MODEM % demo.CA_DER.read_bytes().hex() + LINK % connect
    lines = ["modem.network('shop', %r)" % PASSWORD, *script.strip().split("\n")]
    return rig.run(before, "async def main():\n" + "".join("    %s\n" % line for line in lines), 120), rig


@OVER
def test_a_link_holds_over_a_socket_and_over_a_modem(connect):
    said, rig = over(connect, "say(await once(b'one'), await once(b'two'), link.state, heard)\nlink.drop()\nsay(await once(b'three'), heard)")
    assert said == ["b'eno' b'owt' 1 ['link_up']", "b'eerht' ['link_up', 'link_down', 'link_up']"]
    assert rig.network.bursts == {"to_host": 3, "to_terminal": 5}     # of each call the last of the handshake counts, as it always did


@OVER
@pytest.mark.parametrize("cut", [("to_host", 2), ("to_terminal", 2), ("to_terminal", 3)])
def test_the_same_burst_is_cut_over_either(connect, cut):
    rig = ModemRig()
    rig.network.cut_at = cut
    said, _ = over(connect, "say(await once(b'one'))\nsay(await once(b'two', 8000))\nsay(await once(b'three'))", rig)
    first, second, third = said
    assert third == "b'eerht'" and first == ("N01 ('closed',)" if cut == ("to_terminal", 2) else "b'eno'")
    assert second == ("b'owt'" if cut == ("to_terminal", 2) else "N01 ('closed',)")
    assert b"two" in rig.bank.heard or cut[0] == "to_host"


@OVER
def test_a_host_that_says_nothing_is_left_at_the_deadline(connect):
    said, rig = over(connect, "say(await once(b'one'))\nsay('mute')\nbegan = time.ticks_ms()\nsay(await once(b'two', 5000))\n"
                     "say(time.ticks_ms() - began, link.state)\nsay('well')\nsay(await once(b'three'))",
                     mute=lambda rig: setattr(rig.bank, "late_us", 60_000_000), well=lambda rig: setattr(rig.bank, "late_us", 20_000))
    assert said[:3] == ["b'eno'", "mute", "T01 ()"] and said[4:] == ["well", "b'eerht'"]
    spent, state = map(int, said[3].split())
    assert 5000 <= spent <= 5020 and state == 0


def test_a_link_over_a_modem_says_why_it_does_not_stand_and_loads_no_tls_of_its_own(stranger):
    said, rig = over("modem.connect", "import sys\nsay(await once(b'one'))\nmodem.network('none', '')\nsay(await once(b'two'))\n"
                     "say('ssl' in sys.modules, heard)", ModemRig(context=stranger("bank.test")[1]))
    assert said == ["N01 ('certificate',)", "N01 ('no_network',)", "False []"] and rig.bank.heard == []


def test_a_call_costs_few_bytes_of_heap():
    said, _ = over("modem.connect", "await once(b'one')\ngc.collect()\ngc.disable()\nbefore = gc.mem_alloc()\nawait once(b'x' * 300)\n"
                   "say(gc.mem_alloc() - before)\ngc.enable()")
    assert int(said[0]) < 18_000                # on the 64-bit interpreter; a socket with TLS of its own takes 4,200


def test_a_client_of_yours_reaches_a_bank_through_it_on_a_pseudo_terminal(serve):
    """The chip verb's modem, a serial port, a real socket on loopback: AT commands as a person types them."""
    from microtill.bench.acquirer.serve import serve as serve_bank
    told, is_up = [], threading.Event()
    thread = threading.Thread(target=serve_bank, args=(Echo(), 0, lambda port, end: (told.extend((port, end)), is_up.set())))
    thread.start()
    try:
        assert is_up.wait(30)
        client = serial.Serial(serve(modem).link, 115200, timeout=30)
        assert client.read_until(b"ready\r\n").endswith(b"ready\r\n")
        for text, end in (("ATE0", "OK"), ('AT+CWJAP="shop","a password"', "OK"), ('AT+CIPSTART="SSL","127.0.0.1",%d' % told[0], "OK"),
                          ("AT+CIPSEND=4", ">"), ("\0\2hi", "+IPD,4:\0\2ih")):
            client.write(text.encode() + (b"" if text[0] == "\0" else b"\r\n"))
            assert client.read_until(end.encode()).endswith(end.encode()), text
        client.close()
    finally:
        told[1]()
        thread.join(30)


# what must always hold (each example is a life of a terminal: it is named as it is found, shrinking would take minutes)

NO_SHRINK = (Phase.explicit, Phase.reuse, Phase.generate)

LINES = (b"+STA_CONNECTED:02:00:00:00:00:02\r\n", b"WIFI GOT IPv6 LL\r\n", b"\r\n", b"Recv 7 bytes\r\n", b"smartconfig type:1\r\n",
         b"+DIST_STA_IP:02:00:00:00:00:02,10.0.0.9\r\n", b"+LINK_CONN:0,0,\"TCP\"\r\n")
EXCHANGE = """
stream = await dial()
for sent in SENT:
    got = await ask(stream, sent)
    say(got and got.hex())
say(stream.failed)
"""


@settings(max_examples=10, phases=NO_SHRINK)
@given(seed=st.integers(0, 1 << 30), longest=st.integers(1, 40), sent=st.lists(st.binary(min_size=1, max_size=600), min_size=1, max_size=4))
def test_however_its_bytes_are_cut_and_whatever_it_says_between_no_byte_is_lost_doubled_or_moved(seed, longest, sent):
    rig, rng = ModemRig(), random.Random(seed)
    rig.bank.times = 2
    rig.modem.pieces = lambda: (rng.randint(1, longest), rng.choice((0, 0, 0, 500, 3_000)))
    rig.modem.chatter = lambda: rng.sample(LINES, rng.choice((0, 0, 1, 2)))
    said, _ = talk("SENT = [bytes.fromhex(word) for word in %r]%s" % ([word.hex() for word in sent], EXCHANGE), rig)
    assert said == [(word[::-1] * 2).hex() for word in sent] + ["None"]
    assert rig.bank.heard == sent


def _garble(rig, rng):
    def spoil(data):
        rig.modem.spoil = None
        at = rng.randrange(len(data))
        return data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1:]
    rig.modem.spoil = spoil


def _mishear(rig, rng):
    hear = rig.modem.on_bytes

    def once(data, baud):
        rig.modem.on_bytes = hear
        at = rng.randrange(len(data))
        hear(data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1:], baud)
    rig.modem.on_bytes = once


def _wifi(rig, rng):
    rig.modem.drop_wifi()
    rig.world.after(rng.randrange(4_000_000), rig.modem.wifi_returns)


def _deaf(rig, rng):
    rig.modem.deaf = True
    rig.world.after(rng.randrange(12_000_000), setattr, rig.modem, "deaf", False)


def _network(rig, rng):
    rig.network.fall()
    rig.world.after(rng.randrange(8_000_000), setattr, rig.network, "off", False)


FAULTS = {
    "garbles": _garble, "mishears": _mishear, "wifi": _wifi, "deaf": _deaf, "network": _network,
    "restarts": lambda rig, rng: rig.modem.restart(), "dip": lambda rig, rng: rig.modem.brown_out(rng.randrange(1_000_000)),
    "busy": lambda rig, rng: rig.modem.busy(rng.randrange(10_000_000)), "no prompt": lambda rig, rng: setattr(rig.modem, "no_prompt", 1),
    "closes": lambda rig, rng: setattr(rig.modem, "close_in_send", True), "closed lost": lambda rig, rng: (
        setattr(rig.modem, "swallow_closed", 1), rig.network.hang_up()),
    "cut": lambda rig, rng: setattr(rig.network, "cut_at", (rng.choice(("to_host", "to_terminal")), 1, rng.randrange(40))),
}
CODES = {"deaf", "garbled", "busy", "reset", "refused", "certificate", "dropped", "not_joined", "no_network", "password", "error", "None"}
BROKEN = """
for word in (b"one", b"two", b"three"):
    stream = await dial()
    try:
        got = stream.failed is None and await asyncio.wait_for(ask(stream, word), 30)
        say("said", got.hex() if got else stream.failed)
    except EspAtError as error:
        say("said", error.code)
    except asyncio.TimeoutError:
        say("said", "time")             # a garbled length: no modem can tell, the link's own deadline ends it
    await asyncio.sleep_ms(300)
    stream.close()
await asyncio.sleep_ms(15000)
say("last")
began = time.ticks_ms()
for _ in range(2):
    stream = await dial()
    if not stream.failed:
        break
say(stream.failed or bytes(await ask(stream, b"again")))
say(time.ticks_ms() - began < 40000)
"""


@settings(max_examples=24, phases=NO_SHRINK)
@given(name=st.sampled_from(sorted(FAULTS)), at_ms=st.integers(0, 9_000), seed=st.integers(0, 1 << 30))
def test_any_fault_at_any_moment_ends_in_a_code_and_a_modem_that_works_again(name, at_ms, seed):
    rig, rng = ModemRig(seed % 100), random.Random(seed)
    rig.when("go", lambda: rig.world.after(at_ms * 1000, FAULTS[name], rig, rng))
    rig.when("last", lambda: (rig.modem.__dict__.update(no_prompt=0, close_in_send=False, swallow_closed=0, spoil=None),
                              rig.network.__dict__.update(cut_at=None)))
    said, _ = talk("say('go')" + BROKEN, rig, within_s=400)
    ends = [line.split()[1] for line in said if line.startswith("said")]
    right = [word[::-1].hex() for word in (b"one", b"two", b"three")]
    assert all(end in CODES or end == good or name in ("garbles", "mishears") for end, good in zip(ends, right, strict=True))
    assert said[-2:] == [WELL, "True"], (name, at_ms, seed)
    whole = [word for word in rig.bank.heard if word in (b"one", b"two", b"three", b"again")]
    assert whole == [word for word in (b"one", b"two", b"three", b"again") if word in whole]        # none twice, none before another
    assert name == "mishears" or whole == rig.bank.heard
