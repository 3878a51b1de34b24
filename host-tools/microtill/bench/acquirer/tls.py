# tls.py: the bank's end of the line: TLS 1.2 in memory, 2-byte length framing, no socket, no clock. A bad peer closes the session.
import contextlib
import ssl

from microtill import demo
from microtill.bench.acquirer.bank import Crashed

LENGTH_BYTES = 2              # big-endian, before each message; the length leaves itself out
MOST_BYTES = 4096             # no honest request is longer
_READ = 65536


def server_context(certificate=demo.SERVER_PEM, key=demo.SERVER_KEY_PEM):
    """TLS 1.2 alone, since the terminal's mbedTLS speaks nothing newer; no tickets, so that no session outlives its connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(certificate, key)
    return context


def framed(message):
    return len(message).to_bytes(LENGTH_BYTES, "big") + message


def _up(bank):
    """One that knows no crash is always there."""
    return getattr(bank, "up", True)


class Session:
    """One connection. Bytes of the peer go in, bytes for the peer come out; `closed` once either side has ended it."""

    def __init__(self, context, bank):
        self._bank = bank
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._open, self._heard = False, bytearray()
        self.closed = False

    def feed(self, data):
        """Ciphertext in, ciphertext out, at once: whatever delay the bank's mood asks for is left out."""
        now, later = self.take(data)
        return now + b"".join(self.say(message) for _, message in sorted(later, key=lambda reply: reply[0]))

    def take(self, data):
        """(ciphertext to send now, [(delay in us, message)] to `say` when their time comes)."""
        if self.closed or not _up(self._bank):
            self.closed = True
            return b"", []
        self._in.write(data)
        later = []
        try:
            if not self._open:
                self._tls.do_handshake()
                self._open = True
            self._read(later)
        except ssl.SSLWantReadError:
            pass                          # the rest of a record is still on its way
        except ssl.SSLError:
            self.closed = True            # its alert, if it made one, is in the output
        return self._out.read(), later

    def say(self, message):
        """Ciphertext of one framed message; nothing once the session is closed."""
        if self.closed or not self._open:
            return b""
        self._tls.write(framed(message))
        return self._out.read()

    def close(self):
        """Ciphertext of the goodbye (close_notify)."""
        if not self.closed:
            self._goodbye()
        return self._out.read()

    def _read(self, later):
        while not self.closed:
            data = self._tls.read(_READ)
            if not data:
                self._goodbye()
            self._heard += data
            while not self.closed and (message := self._next()) is not None:
                try:
                    replies = self._bank.replies(message)
                except Crashed:
                    self.closed = True              # no goodbye
                    later.clear()
                    return
                if replies is None:
                    self._goodbye()
                else:
                    later += replies

    def _next(self):
        """The next whole message, or None."""
        if len(self._heard) < LENGTH_BYTES:
            return None
        size = int.from_bytes(self._heard[:LENGTH_BYTES], "big")
        if not 0 < size <= MOST_BYTES:
            self._goodbye()
            return None
        if len(self._heard) < LENGTH_BYTES + size:
            return None
        message = bytes(self._heard[LENGTH_BYTES:LENGTH_BYTES + size])
        del self._heard[:LENGTH_BYTES + size]
        return message

    def _goodbye(self):
        self.closed = True
        if self._open:
            with contextlib.suppress(ssl.SSLError):     # the peer's own goodbye has not come; ours is in the output
                self._tls.unwrap()


class TlsBank:
    """Sessions with one bank, one certificate for all."""

    def __init__(self, bank, context=None):
        self._bank, self._context = bank, context or server_context()

    @property
    def up(self):
        """Does somebody listen?"""
        return _up(self._bank)

    def open(self):
        return Session(self._context, self._bank)
