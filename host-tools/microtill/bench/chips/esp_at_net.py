# esp_at_net.py: an ESP-AT modem's way out: a connection through the bench's network, and a TLS client of its own above it.
# What the network does to bytes it does below the TLS. A certificate that does not fit ends in NotTrusted; nothing is sent after it but an alert.
import contextlib
import ssl

CONNECTING, CONNECTED, CLOSED = 0, 1, 2             # as the network has them
NUMBER = 7                                          # of its socket there: the terminal's own are 0 to 3
_TICK_US, _QUIET_TICK_US, _BRISK_US = 10_000, 100_000, 2_000_000      # how often its network task looks, and for how long it looks often
_NO_CHECK_TIME = 0x200000                           # X509_V_FLAG_NO_CHECK_TIME: the dates are judged by the modem's clock, not by this machine's
_READ = 65536


class NotTrusted(Exception):
    """The server's certificate: its signer, its name or its dates."""


def certificate(stored):
    """The DER bytes of the CA certificate that is stored, as DER or as PEM."""
    stored = stored.rstrip(b"\x00")
    return ssl.PEM_cert_to_DER_cert(stored.decode("ascii")) if stored.startswith(b"-----") else stored


def records(data):
    """TLS records, one by one, as mbedTLS hands them to its socket."""
    at = 0
    while at < len(data):
        size = 5 + int.from_bytes(data[at + 3:at + 5], "big")
        yield data[at:at + size]
        at += size


class TlsClient:
    """TLS 1.2 in memory. `mode`: 0 checks nothing, 2 the server's certificate against `ca` (DER); `common_name` where one is set; `unix` is now.
    Raises ssl.SSLError where `ca` is no certificate."""

    def __init__(self, mode, ca, sni, common_name, unix):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED if mode & 2 else ssl.CERT_NONE
        context.verify_flags |= _NO_CHECK_TIME
        if mode & 2:
            context.load_verify_locations(cadata=ca)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=sni or None)
        self._mode, self._common_name, self._unix = mode, common_name, unix
        self.open = self.ended = False

    def feed(self, data):
        """Bytes of the server go in; the plain ones come out. Raises NotTrusted; `ended` once either side has."""
        self._in.write(data)
        plain = b""
        try:
            if not self.open:
                self._tls.do_handshake()
                self._judge()
                self.open = True
            while not self.ended:
                got = self._tls.read(_READ)
                plain += got
                self.ended = not got
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError:
            raise NotTrusted from None
        except ssl.SSLError:
            self.ended = True
        return plain

    def _judge(self):
        """Name and dates, which this machine's own check leaves out."""
        if not self._mode & 2:
            return
        peer = self._tls.getpeercert()
        if not ssl.cert_time_to_seconds(peer["notBefore"]) <= self._unix <= ssl.cert_time_to_seconds(peer["notAfter"]):
            raise NotTrusted
        if self._common_name and self._common_name not in _names(peer):
            raise NotTrusted

    def write(self, data):
        self._tls.write(data)

    def out(self):
        return self._out.read()


def _names(peer):
    common = {value for part in peer["subject"] for name, value in part if name == "commonName"}
    return common | {value for kind, value in peer.get("subjectAltName", ()) if kind == "DNS"}


class Connection:
    """One socket of the modem: "TCP", or "SSL" with a TlsClient. `heard(event)`: "open", "closed", "data" (in `plain`) or "distrust".

    `room()`: how many bytes may still come up; where there is none, nothing is taken from the network, and the sender waits."""

    def __init__(self, world, network, where, tls, heard, room):
        self.world, self.network, self.tls, self.heard, self.room = world, network, tls, heard, room
        self.state, self.plain, self._busy_us, self._over = CONNECTING, bytearray(), world.now, False
        network.open(NUMBER, where)
        self._arm()

    def _arm(self):
        self.world.after(_TICK_US if self.world.now - self._busy_us < _BRISK_US or self.state != CONNECTED else _QUIET_TICK_US, self._look)

    def _look(self):
        if self._over:
            return
        state = self.network.state(NUMBER)
        if self.state == CONNECTING and state == CONNECTED:
            if self.tls is None:
                self._up()
            else:
                self.state = CONNECTED
                self._feed(b"")
        if not self._over and state != CONNECTING:
            self._read()
        if not self._over and state == CLOSED and not self.network.links[NUMBER].inbox:
            self._end("closed")
        if not self._over:
            self._arm()

    def _up(self):
        self.state = CONNECTED
        self.heard("open")

    def _read(self):
        size = self.room()
        data = self.network.receive(NUMBER, size) if size else b""
        if data:
            self._busy_us = self.world.now
            if self.tls is None:
                self.plain += data
                self.heard("data")
            else:
                self._feed(data)

    def _feed(self, data):
        was_open = self.tls.open
        try:
            plain = self.tls.feed(data)
        except NotTrusted:
            self._send(self.tls.out())
            return self._end("distrust")
        self._send(self.tls.out())
        if self.tls.open and not was_open:
            self._up()
        if plain:
            self.plain += plain
            self.heard("data")
        if self.tls.ended and not self._over:
            self._end("closed")

    def _send(self, data):
        """To the network, as records are, where it still takes any."""
        self._busy_us = self.world.now
        with contextlib.suppress(OSError):
            for record in records(data) if self.tls is not None else [data]:
                self.network.send(NUMBER, record)

    def write(self, data):
        """Raises OSError where the connection has gone."""
        if self.network.state(NUMBER) != CONNECTED:
            raise OSError("not connected")
        if self.tls is None:
            return self._send(data)
        self.tls.write(data)
        self._send(self.tls.out())

    def _end(self, event):
        self.close()
        self.heard(event)

    def close(self):
        """Hang up: the socket is closed and no goodbye said, as esp-tls does it."""
        if not self._over:
            self._over = True
            if NUMBER in self.network.links:
                self.network.close(NUMBER)
