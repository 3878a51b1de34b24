# test_chip_modem.py: the ESP-AT model word by word, in stepped time, and the driver's scanner beside a plain reading of the same bytes.
import random
import ssl
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtill import demo
from microtill.bench.acquirer.tls import TlsBank
from microtill.bench.chips.esp_at import EspAt
from microtill.bench.chips.esp_at_line import arguments
from microtill.bench.chips.esp_at_net import certificate, records
from microtill.bench.network import Network
from microtill.bench.wires import UartLine
from microtill.bench.world import World

_package = types.ModuleType("esp_at")               # its pure file is tested here; the package's __init__ needs MicroPython
_package.__path__ = [str(Path(__file__).resolve().parents[2] / "drivers" / "esp_at")]
sys.modules.setdefault("esp_at", _package)
from esp_at import lines  # noqa: E402

SECOND = 1_000_000
CA = demo.CA_DER.read_bytes()


class Bank:
    """Says each message back."""

    def __init__(self):
        self.heard = []

    def replies(self, message):
        self.heard.append(bytes(message))
        return [(20_000, bytes(message))]


class Bench:
    def __init__(self, on=True):
        self.world, self.bank = World(), Bank()
        self.network = Network(self.world, TlsBank(self.bank), ("bank.test:8583",))
        self.chip = EspAt(self.world, self.network, {"shop": "secret"}, random.Random(1))
        self.line = UartLine(self.world, 3, [], self.chip)
        self.line.rxbuf = 1 << 20
        if on:
            assert self.wait(SECOND) == b"\r\nready\r\n"

    def wait(self, us):
        self.world.run_until(self.world.now + us)
        return self.line.read(1 << 20)

    def ask(self, text, us=SECOND // 10):
        self.line.from_host(text if isinstance(text, bytes) else text.encode() + b"\r\n")
        return self.wait(us)

    def joined(self):
        assert self.ask("ATE0") == b"ATE0\r\n\r\nOK\r\n"
        self.ask("AT+CIPRECVMODE=1")
        assert self.ask('AT+CWJAP="shop","secret"', 4 * SECOND) == b"WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"
        return self

    def trusting(self):
        self.joined().ask(f"AT+SYSTIMESTAMP={1_767_600_000}")
        assert self.ask('AT+SYSMFG=2,"client_ca","client_ca.0",8,%d' % len(CA)) == b"\r\nOK\r\n\r\n>"
        assert self.ask(CA, SECOND) == b"\r\nOK\r\n"
        for text in ("AT+CIPSSLCCONF=2,0,0", 'AT+CIPSSLCSNI="bank.test"', 'AT+CIPSSLCCN="bank.test"'):
            assert self.ask(text) == b"\r\nOK\r\n"
        return self

    def connected(self):
        assert self.trusting().ask('AT+CIPSTART="SSL","bank.test",8583', SECOND) == b"CONNECT\r\n\r\nOK\r\n"
        return self

    def send(self, data, us=SECOND):
        assert self.ask("AT+CIPSEND=%d" % len(data)) == b"\r\nOK\r\n\r\n>"
        return self.ask(data, us)


def test_it_starts_in_a_third_of_a_second_with_its_echo_on():
    bench = Bench(on=False)
    assert bench.wait(299_000) == b"" and bench.wait(3_000) == b"\r\nready\r\n"
    assert bench.ask("AT") == b"AT\r\n\r\nOK\r\n" and bench.ask("ATE0") == b"ATE0\r\n\r\nOK\r\n" and bench.ask("AT") == b"\r\nOK\r\n"


@pytest.mark.parametrize("text", ["AT+FAKE", "HELLO", "AT+CIPMUX=x", "AT+CWJAP=\"shop", "AT+CIPSEND=4", "AT+CIPRECVDATA=1", "AT+CIPCLOSE",
                                  "AT+UART_CUR=9", "AT+SYSMFG=1,\"client_ca\",\"client_ca.0\"", "AT+SYSMFG=2,\"mine\",\"x\",8,3", "\xff\xfe"])
def test_what_it_does_not_understand_or_cannot_do_is_an_error(text):
    bench = Bench().joined()
    assert bench.ask(text).endswith(b"\r\nERROR\r\n")
    assert bench.ask("AT") == b"\r\nOK\r\n"


def test_a_command_while_another_runs_finds_it_busy():
    bench = Bench()
    bench.ask("ATE0")
    assert bench.ask('AT+CWJAP="shop","secret"') == b"" and bench.ask("AT") == b"busy p...\r\n"
    assert bench.wait(4 * SECOND) == b"WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"


@pytest.mark.parametrize("ssid, password, code", [("shop", "wrong", 2), ("shup", "secret", 3)])
def test_a_network_that_is_not_there_or_not_ours(ssid, password, code):
    bench = Bench()
    bench.ask("ATE0")
    assert bench.ask('AT+CWJAP="%s","%s"' % (ssid, password), 5 * SECOND) == b"WIFI DISCONNECT\r\n+CWJAP:%d\r\n\r\nERROR\r\n" % code
    assert bench.ask("AT+CWSTATE?") == b'+CWSTATE:4,"%s"\r\n\r\nOK\r\n' % ssid.encode()


def test_it_joins_again_by_itself_when_the_network_comes_back_and_after_a_start_where_it_was_told_to_remember():
    bench = Bench().joined()
    bench.chip.drop_wifi()
    assert bench.wait(5 * SECOND) == b"WIFI DISCONNECT\r\n" and bench.ask("AT+CWSTATE?").startswith(b"+CWSTATE:3")
    bench.chip.wifi_returns()
    assert bench.wait(5 * SECOND) == b"WIFI CONNECTED\r\nWIFI GOT IP\r\n"
    bench.chip.restart()
    assert bench.wait(5 * SECOND) == b"\r\nready\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n"      # AT+SYSSTORE=1 is what it comes with


def test_a_message_over_tls_in_passive_mode():
    bench = Bench().connected()
    assert bench.send(b"\x00\x02hi") == b"\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,4\r\n"
    assert bench.ask("AT+CIPRECVLEN?") == b"+CIPRECVLEN:4\r\n\r\nOK\r\n"
    assert bench.ask("AT+CIPRECVDATA=3") == b"+CIPRECVDATA:3,\x00\x02h\r\nOK\r\n"
    assert bench.ask("AT+CIPRECVDATA=9") == b"+CIPRECVDATA:1,i\r\nOK\r\n"
    assert bench.ask("AT+CIPRECVDATA=9") == b"\r\nERROR\r\n"
    assert bench.bank.heard == [b"hi"]
    assert bench.ask("AT+CIPCLOSE") == b"CLOSED\r\n\r\nOK\r\n"


def test_in_active_mode_data_comes_as_it_comes():
    bench = Bench().connected()
    bench.ask("AT+CIPRECVMODE=0")
    assert bench.send(b"\x00\x04OK\r\n").endswith(b"\r\n+IPD,6:\x00\x04OK\r\n")


def test_an_announcement_comes_once_until_all_is_read_and_closed_only_then():
    bench = Bench().connected()
    assert bench.send(b"\x00\x01a\x00\x01b").count(b"+IPD") == 1
    bench.network.hang_up()
    assert bench.wait(SECOND) == b""
    assert bench.ask("AT+CIPRECVDATA=99") == b"+CIPRECVDATA:6,\x00\x01a\x00\x01b\r\nOK\r\nCLOSED\r\n"
    assert bench.ask("AT+CIPSTATE?") == b"\r\nOK\r\n"


def test_what_it_may_not_hold_stays_with_the_sender():
    bench = Bench().connected()
    for _ in range(4):
        bench.send(b"\x07\xd0" + bytes(2000))
    assert len(bench.chip.connection.plain) <= 5_744 + 2_100
    got = 0
    while (said := bench.ask("AT+CIPRECVDATA=1000", SECOND)).startswith(b"+CIPRECVDATA"):
        got += int(said[13:].split(b",")[0])
    assert got == 4 * 2002


def test_a_line_that_closes_while_data_are_awaited_fails_the_send():
    bench = Bench().connected()
    bench.chip.close_in_send = True
    bench.ask("AT+CIPSEND=4")
    assert bench.ask(b"abcd") == b"\r\nRecv 4 bytes\r\n\r\nSEND FAIL\r\n" and bench.bank.heard == []


@pytest.mark.parametrize("spoil", ['AT+CIPSSLCCN="other.test"', "AT+SYSTIMESTAMP=0", "AT+SYSTIMESTAMP=4000000000"])
def test_name_and_dates_of_a_certificate_are_checked_by_its_own_clock(spoil):
    bench = Bench().trusting()
    bench.ask(spoil)
    assert bench.ask('AT+CIPSTART="SSL","bank.test",8583', SECOND) == b"\r\nERROR\r\n"
    bench.ask("AT+CIPSSLCCONF=0")
    assert bench.ask('AT+CIPSTART="SSL","bank.test",8583', SECOND) == b"CONNECT\r\n\r\nOK\r\n"        # and by nothing where it was told so


def test_no_authority_or_rubbish_in_its_place():
    bench = Bench().trusting()
    bench.chip.stored = {}
    assert bench.ask('AT+CIPSTART="SSL","bank.test",8583', SECOND) == b"NO CA FOUND\r\n\r\nERROR\r\n"
    bench.chip.stored = {("client_ca", "client_ca.0"): b"rubbish"}
    assert bench.ask('AT+CIPSTART="SSL","bank.test",8583', SECOND) == b"\r\nERROR\r\n"
    bench.chip.stored = {("client_ca", "client_ca.0"): demo.CA_PEM.read_bytes() + b"\0"}
    assert bench.ask('AT+CIPSTART="SSL","bank.test",8583', SECOND) == b"CONNECT\r\n\r\nOK\r\n"


def test_a_host_that_is_off_takes_ten_seconds_and_a_shut_port_none():
    bench = Bench().trusting()
    bench.network.refuse = True
    assert bench.ask('AT+CIPSTART="TCP","bank.test",8583', SECOND) == b"\r\nERROR\r\n"
    bench.network.refuse, bench.network.off = False, True
    assert bench.ask('AT+CIPSTART="SSL","bank.test",8583', 9 * SECOND) == b"" and bench.wait(2 * SECOND) == b"\r\nERROR\r\n"


def test_at_another_rate_it_answers_there_until_it_starts_again():
    bench = Bench()
    bench.ask("ATE0")
    assert bench.ask("AT+UART_CUR=921600,8,1,0,0") == b"\r\nOK\r\n"
    assert bench.ask("AT") == b""                   # rubbish, and no end of a line
    bench.line.baud = 921600
    assert bench.ask("") == b"\r\nERROR\r\n"
    assert bench.ask("AT") == b"\r\nOK\r\n"
    bench.line.baud = 115200
    bench.chip.restart()
    assert bench.wait(SECOND) == b"\r\nready\r\n"


def test_held_in_reset_it_says_nothing_and_starts_when_it_is_let_go():
    from microtill.bench.wires import Pins
    bench = Bench().connected()
    pins = Pins([])
    bench.chip.watch(pins, 40)
    pins.set(40, 0)
    assert bench.ask("AT") == b"" and bench.network.links == {}
    pins.set(40, 1)
    assert bench.wait(SECOND) == b"\r\nready\r\n"
    assert ("client_ca", "client_ca.0") in bench.chip.stored


def test_the_store_erases_and_reads_in_pieces():
    bench = Bench().trusting()
    assert bench.ask('AT+SYSMFG=1,"client_ca","client_ca.0",4,3') == b'+SYSMFG:"client_ca","client_ca.0",8,3,' + CA[4:7] + b"\r\n\r\nOK\r\n"
    assert bench.ask('AT+SYSMFG=0,"client_ca"') == b"\r\nOK\r\n" and ("client_ca", "client_ca.0") not in bench.chip.stored


@given(st.lists(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20), min_size=1, max_size=5))
def test_parameters_are_what_was_escaped(words):
    quoted = ",".join('"%s"' % "".join("\\" + c if c in '\\",' else c for c in word) for word in words)
    assert arguments(quoted) == words


def test_records_are_cut_where_tls_cuts_them_and_a_certificate_may_be_der_or_pem():
    assert list(records(b"\x16\x03\x03\x00\x02ab\x14\x03\x03\x00\x01c")) == [b"\x16\x03\x03\x00\x02ab", b"\x14\x03\x03\x00\x01c"]
    assert certificate(demo.CA_PEM.read_bytes()) == certificate(CA) == CA
    assert ssl.DER_cert_to_PEM_cert(CA).startswith("-----BEGIN")


# the driver's scanner

def scanned(data, cuts, prompts=()):
    """What it finds when `data` comes in pieces of these sizes: lines, ">" and the data, joined."""
    scanner, found, at, sizes = lines.Scanner(), [], 0, list(cuts) or [1]
    scanner.prompts = bool(prompts)
    while at < len(data):
        room = scanner.space()
        size = min(sizes[0], len(room), len(data) - at)
        sizes.append(sizes.pop(0))
        assert size > 0
        room[:size] = data[at:at + size]
        scanner.took(size)
        at += size
        while (kind := scanner.next()) != lines.MORE:
            if kind == lines.LINE:
                found.append(scanner.line)
            elif kind == lines.DATA:
                piece = bytes(scanner.view[scanner.start:scanner.end])
                if found and isinstance(found[-1], list):
                    found[-1][0] += piece
                else:
                    found.append([piece])
                if not scanner.left:
                    found[-1] = ("data", found[-1][0])
            else:
                found.append({lines.PROMPT: ">", lines.OVERLONG: "overlong"}[kind])
    return found


PARTS = st.one_of(
    st.sampled_from([b"OK", b"ERROR", b"+IPD,12", b"CLOSED", b"WIFI GOT IP", b"+CIPMUX:0", b"+CIPRECVLEN:5", b"+", b"+C", b"x" * 300]).map(
        lambda line: (b"\r\n" + line + b"\r\n", line)),
    st.binary(max_size=700).map(lambda data: (b"+CIPRECVDATA:%d," % len(data) + data, ("data", data))),
    st.binary(max_size=300).map(lambda data: (b'+SYSMFG:"client_ca","client_ca.0",8,%d,' % len(data) + data, ("data", data))))


@settings(max_examples=300)
@given(parts=st.lists(PARTS, max_size=6), cuts=st.lists(st.integers(1, 400), max_size=6))
def test_lines_and_data_are_found_however_they_are_cut(parts, cuts):
    assert scanned(b"".join(part for part, _ in parts) + b"\r\nend\r\n", cuts) == [what for _, what in parts] + [b"end"]


@given(st.binary(max_size=2000), st.lists(st.integers(1, 400), max_size=6))
def test_no_bytes_stop_it(data, cuts):
    found = scanned(data.replace(b"+", b"-") + b"\r\nend\r\n", cuts)
    assert found[-1] == b"end"


def test_a_prompt_is_one_only_where_it_was_waited_for_and_at_the_beginning_of_a_line():
    assert scanned(b"\r\nOK\r\n\r\n> \r\nSEND OK\r\n", [3], ">") == [b"OK", ">", b"SEND OK"]
    assert scanned(b"\r\n>\r\nx>\r\n", [1]) == [b">", b"x>"]


def test_a_line_longer_than_the_buffer_is_told_once_and_its_end_is_no_line():
    assert scanned(b"y" * 1000 + b"OK\r\nOK\r\n", [64]) == ["overlong", b"OK"]


@pytest.mark.parametrize("head", [b"+CIPRECVDATA:99999,", b"+CIPRECVDATA:,", b"+CIPRECVDATA:1x,", b"+IPD,7"])
def test_a_count_that_is_none_is_a_line(head):
    assert scanned(head + b"\r\nOK\r\n", [5]) == [head, b"OK"]
