# test_bank_tls.py: the bank's line: MicroPython's own TLS against it on loopback, and the same session in memory, cut and joined at will.
import contextlib
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bank_double import Shop

from microtill import demo
from microtill.bench.acquirer import moods
from microtill.bench.acquirer.serve import serve
from microtill.bench.acquirer.tls import TlsBank, framed
from microtill.demo import make_tls

MICROPYTHON = Path(sys.executable).parent / "micropython"
CLIENT = """
import socket, ssl, sys
port, ca, name, message = int(sys.argv[1]), sys.argv[2], sys.argv[3], bytes.fromhex(sys.argv[4])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.verify_mode = ssl.CERT_REQUIRED
with open(ca, "rb") as file:
    context.load_verify_locations(cadata=file.read())
plain = socket.socket()
plain.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
line = context.wrap_socket(plain, server_hostname=name)
line.write(len(message).to_bytes(2, "big") + message)
size = int.from_bytes(line.read(2), "big")
print(line.cipher()[1], line.read(size).hex())
line.close()
"""


@pytest.fixture
def shop():
    return Shop()


@contextlib.contextmanager
def on_loopback(bank):
    """The bank's port, while it serves."""
    told, is_up = [], threading.Event()

    def ready(port, end):
        told.extend((port, end))
        is_up.set()

    thread = threading.Thread(target=serve, args=(bank, 0, ready))
    thread.start()
    assert is_up.wait(10)
    try:
        yield told[0]
    finally:
        told[1]()
        thread.join(10)


def micropython(tmp_path, port, message, name=demo.HOST_NAME, ca=demo.CA_DER):
    script = tmp_path / "client.py"
    script.write_text(CLIENT)
    return subprocess.run([MICROPYTHON, script, str(port), str(ca), name, message.hex()], capture_output=True, text=True, timeout=30)


def test_micropython_checks_the_certificate_and_gets_its_answer(shop, tmp_path):
    with on_loopback(shop.bank) as port:
        ran = micropython(tmp_path, port, shop.till.admin("301"))
    version, answer = ran.stdout.split()
    assert version == "TLSv1.2"
    assert shop.till.read(bytes.fromhex(answer))[39] == "00"


@pytest.mark.parametrize("name", ["other.test", "bank.test.evil.test"])
def test_micropython_refuses_another_name(shop, tmp_path, name):
    with on_loopback(shop.bank) as port:
        ran = micropython(tmp_path, port, shop.till.admin("301"), name=name)
    assert ran.returncode == 1 and "Common Name" in ran.stdout
    assert shop.bank.records() == []


def test_micropython_refuses_another_authority(shop, tmp_path):
    _, stranger = make_tls.authority()
    ca = tmp_path / "stranger.der"
    ca.write_bytes(stranger.public_bytes(serialization.Encoding.DER))
    with on_loopback(shop.bank) as port:
        ran = micropython(tmp_path, port, shop.till.admin("301"), ca=ca)
    assert ran.returncode == 1 and "not correctly signed" in ran.stdout


def client(name=demo.HOST_NAME):
    """A TLS client in memory: (tls, its input, its output)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(demo.CA_PEM)
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    return context.wrap_bio(into, out, server_hostname=name), into, out


def shake(session):
    tls, into, out = client()
    for _ in range(3):
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
        into.write(session.feed(out.read()))
    return tls, into, out


def test_two_messages_in_one_record_get_two_answers(shop):
    session = TlsBank(shop.bank).open()
    tls, into, out = shake(session)
    tls.write(framed(shop.till.admin("001")) + framed(shop.till.admin("301")))
    into.write(session.feed(out.read()))
    heard = tls.read(65536)
    with contextlib.suppress(ssl.SSLWantReadError):
        heard += tls.read(65536)
    size = int.from_bytes(heard[:2], "big")
    assert shop.till.read(heard[2:2 + size])[11] == "000001"
    assert shop.till.read(heard[2 + size + 2:])[11] == "000002"


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1, 700), max_size=8))
def test_a_request_in_pieces_is_answered_once(cuts):
    shop = Shop()
    session = TlsBank(shop.bank).open()
    tls, into, out = shake(session)
    tls.write(framed(shop.till.sale(shop.tap("visa"))))
    sent, edges = out.read(), sorted(set(cuts))
    pieces = [sent[a:b] for a, b in zip([0, *edges], [*edges, len(sent)], strict=True)]
    into.write(b"".join(session.feed(piece) for piece in pieces))
    heard = tls.read(65536)
    assert shop.till.read(heard[2:])[39] == "00" and shop.bank.effects() == 1 and not session.closed


@settings(max_examples=25, deadline=None)
@given(noise=st.binary(min_size=1, max_size=200))
def test_noise_never_raises(noise):
    session = TlsBank(Shop().bank).open()
    assert isinstance(session.feed(noise), bytes)


def test_a_message_of_nobody_closes_the_line(shop):
    session = TlsBank(shop.bank).open()
    tls, into, out = shake(session)
    tls.write(framed(b"hello"))
    into.write(session.feed(out.read()))
    assert session.closed
    assert tls.read(10) == b""            # close_notify
    assert session.feed(b"more") == b""


@pytest.mark.parametrize("length", [b"\x00\x00", b"\x10\x01", b"\xff\xff"])
def test_no_message_is_empty_or_endless(shop, length):
    session = TlsBank(shop.bank).open()
    tls, into, out = shake(session)
    tls.write(length)
    session.feed(out.read())
    assert session.closed


def test_the_mood_of_the_bank_reaches_the_line(shop):
    shop.bank.moods.append(moods.late(35_000))
    session = TlsBank(shop.bank).open()
    tls, into, out = shake(session)
    tls.write(framed(shop.till.admin()))
    now, later = session.take(out.read())
    assert now == b"" and [delay for delay, _ in later] == [35_040_000]
    into.write(session.say(later[0][1]))
    assert shop.till.read(tls.read(65536)[2:])[39] == "00"
