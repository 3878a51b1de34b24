# esp_at.py: an ESP32 with Espressif's ESP-AT firmware at its UART, from the ESP-AT user guide: Wi-Fi station, one TCP or TLS connection,
# certificate store. A command that it does not have, or that does not parse, gets ERROR.
import random

from microtill.bench.chips.esp_at_line import ERROR, OK, AtLine
from microtill.bench.chips.esp_at_net import Connection, TlsClient, certificate

_VERSION = (b"AT version:4.1.1.0(f5a5ee7 - ESP32 - Apr 24 2025 03:24:30)\r\nSDK version:v5.0.8-dirty\r\n"
            b"compile time(a9ee1ab3):Apr 25 2025 10:19:13\r\nBin version:v4.1.1(WROOM-32)\r\n")
_JOIN_US, _JOIN_FAILS_US, _AGAIN_US = (1_000_000, 3_000_000), 3_500_000, 1_000_000     # reconn_interval: 1 s
_SEND_US, _FLASH_US = (1_000, 5_000), 40_000
_SILENCE_US = 10_000_000                # "the timeout of each packet is 10 s": AT+CIPSTART
_HOLDS = 5_744                          # its receive window: AT+CIPRECVMODE
_MOST = 8_192                           # AT+CIPSEND
_TIMEOUT, _PASSWORD, _NO_AP = 1, 2, 3   # +CWJAP:<error code>
_NOT, _NO_IP, _JOINED, _TRYING, _OUT = range(5)         # +CWSTATE
_NAMES = ("factory_param", "client_cert", "client_key", "client_ca")        # namespaces of manufacturing nvs
_WIFI = ("nvs", "wifi")                 # where AT+SYSSTORE=1 keeps what was joined
_BINARY = 8                             # type of a value there


class EspAt(AtLine):
    """The chip. `networks`: SSID to password, of the access points in reach. `network`: the bench's, behind them. `stored`: what its flash keeps.

    Faults, but for those of AtLine: `drop_wifi()`, `wifi_returns()`, `swallow_closed` (so many CLOSED are lost), `close_in_send` (the
    connection ends in the middle of the next AT+CIPSEND)."""

    def __init__(self, world, network=None, networks=(("shop", "a password"),), rng=None):
        AtLine.__init__(self, world, rng or random.Random(0))
        self.network, self.networks, self.stored = network, dict(networks), {}
        self.swallow_closed, self.close_in_send, self.connection, self._away = 0, False, None, {}
        self._table = {
            "": self._nothing, "E0": self._echo_off, "E1": self._echo_on, "+GMR": self._version, "+RST": self._restart, "+SYSSTORE": self._number,
            "+CWMODE": self._number, "+CIPMUX": self._number, "+CIPDINFO": self._dinfo, "+CIPRECVMODE": self._number, "+SLEEP": self._number,
            "+UART_CUR": self._rate, "+CWJAP": self._join, "+CWSTATE": self._wifi_state, "+CWQAP": self._quit, "+SYSTIMESTAMP": self._timestamp,
            "+SYSMFG": self._store, "+CIPSSLCCONF": self._conf, "+CIPSSLCSNI": self._sni, "+CIPSSLCCN": self._common_name,
            "+CIPSTART": self._start, "+CIPSTATE": self._state, "+CIPSEND": self._send, "+CIPRECVDATA": self._receive,
            "+CIPRECVLEN": self._length, "+CIPCLOSE": self._close,
        }
        self.power_on()

    def forget(self):
        """What a start, or the loss of its supply, does to all that is not in its flash."""
        if self.connection is not None:
            self.connection.close()
        self.connection = self.kind = None
        self.numbers = {"+SYSSTORE": 1, "+CWMODE": 1, "+CIPMUX": 0, "+CIPDINFO": 0, "+CIPRECVMODE": 0, "+SLEEP": 0}
        self.auth, self.sni, self.common_name = 0, "", ""
        self.wifi, self.ssid, self.password, self._attempt = _NOT, "", "", 0
        self._clock_from, self._up, self._announced, self._closing = -self.world.now, False, False, False

    def execute(self, name, kind, words):
        self._table[name](name, kind, words)

    def unix(self):
        """Its clock, in seconds; from 0 at each start until somebody sets it."""
        return (self.world.now + self._clock_from) // 1_000_000

    # basic commands
    def _nothing(self, name, kind, words):
        self.done()

    def _echo_off(self, name, kind, words):
        self.echo = self.echo_sticks
        self.done()

    def _echo_on(self, name, kind, words):
        self.echo = True
        self.done()

    def _version(self, name, kind, words):
        self.done(_VERSION + OK)

    def _restart(self, name, kind, words):
        self.done()
        self._later(10_000, self.restart)

    def _number(self, name, kind, words):
        """A setting of one number."""
        if kind == "?":
            return self.done(b"%s:%d\r\n" % (name.encode(), self.numbers[name]) + OK)
        if self.connection is not None and name == "+CIPMUX":
            raise ValueError
        self.numbers[name] = int(words[0])
        self.done()

    def _dinfo(self, name, kind, words):
        if kind == "?":
            return self.done(b"+CIPDINFO:%s\r\n" % (b"true" if self.numbers[name] else b"false") + OK)
        self._number(name, kind, words)

    def _rate(self, name, kind, words):
        """The answer still goes at the old rate."""
        baud = int(words[0])
        if not 80 <= baud <= 5_000_000 or words[1:] != ["8", "1", "0", "0"]:
            raise ValueError
        self.done()
        self._later(len(OK) * 10_000_000 // self.baud + 100, setattr, self, "baud", baud)

    def _timestamp(self, name, kind, words):
        if kind == "?":
            return self.done(b"+SYSTIMESTAMP:%d\r\n" % self.unix() + OK)
        self._clock_from = int(words[0]) * 1_000_000 - self.world.now
        self.done()

    def _store(self, name, kind, words):
        """Manufacturing nvs: 0 erases, 1 reads, 2 writes."""
        if kind != "=" or words[1] not in _NAMES:
            raise ValueError
        key = tuple(words[1:3])
        if words[0] == "0":
            self.stored = {where: value for where, value in self.stored.items() if where[:len(key)] != key}
            return self._later(_FLASH_US, self.done)
        if words[0] == "2":
            size = int(words[4])
            if int(words[3]) != _BINARY or not 0 < size <= 4_000:
                raise ValueError
            return self.want(size, lambda data: self._keep(key, data))
        value = self.stored[key]
        at, size = (int(words[3]), int(words[4])) if len(words) > 3 else (0, len(value))
        if at >= len(value) or size < 1:
            raise ValueError
        piece = value[at:at + size]
        self.done(b'+SYSMFG:"%s","%s",%d,%d,' % (key[0].encode(), key[1].encode(), _BINARY, len(piece)) + piece + b"\r\n" + OK)

    def _keep(self, key, data):
        self.stored[key] = data
        self._later(_FLASH_US, self.done)

    # Wi-Fi
    def _join(self, name, kind, words):
        if kind == "?":
            if self.wifi != _JOINED:
                return self.done(b"No AP\r\n" + OK)
            return self.done(b'+CWJAP:"%s","02:00:00:00:00:01",6,-55,0,1,3,0,1\r\n' % self.ssid.encode() + OK)
        if self.numbers["+CWMODE"] != 1 or kind != "=":
            raise ValueError
        if self.wifi == _JOINED:
            self._wifi_gone()
        self.ssid, self.password, self.wifi = words[0], words[1] if len(words) > 1 else "", _TRYING
        if self.numbers["+SYSSTORE"]:
            self.stored[_WIFI] = (self.ssid, self.password)
        self._attempt += 1
        if self.networks.get(self.ssid) == self.password:
            self._later(self.random.randint(*_JOIN_US), self._joins, self._attempt, True)
        else:
            self._later(_JOIN_FAILS_US, self._join_fails)

    def _started(self):
        AtLine._started(self)
        if _WIFI in self.stored:                        # auto_connect: AT+CWMODE
            self.ssid, self.password = self.stored[_WIFI]
            self._try_again(self._attempt)

    def _join_fails(self):
        self.wifi = _OUT
        code = _NO_AP if self.ssid not in self.networks else _PASSWORD if self.networks[self.ssid] != self.password else _TIMEOUT
        self.done(b"WIFI DISCONNECT\r\n+CWJAP:%d\r\n" % code + ERROR)

    def _joins(self, attempt, asked):
        if attempt != self._attempt:
            return
        if self.networks.get(self.ssid) != self.password:
            return self._join_fails() if asked else self._try_again(attempt)
        self.wifi = _NO_IP
        self.say(b"WIFI CONNECTED\r\n")
        self._later(self.random.randint(100_000, 400_000), self._has_address, attempt, asked)

    def _has_address(self, attempt, asked):
        if attempt == self._attempt and self.wifi == _NO_IP:
            self.wifi = _JOINED
            self.say(b"WIFI GOT IP\r\n")
        if asked:
            self.done(OK if self.wifi == _JOINED else b"+CWJAP:%d\r\n" % _TIMEOUT + ERROR)

    def _try_again(self, attempt):
        self.wifi = _TRYING
        self._later(_AGAIN_US, self._joins, attempt, False)

    def _wifi_state(self, name, kind, words):
        self.done(b'+CWSTATE:%d,"%s"\r\n' % (self.wifi, self.ssid.encode()) + OK)

    def _quit(self, name, kind, words):
        if self.wifi == _JOINED:
            self._wifi_gone()
        self._attempt += 1
        self.done()

    def _wifi_gone(self):
        self.wifi = _OUT
        self.say(b"WIFI DISCONNECT\r\n")
        if self.connection is not None:
            self._ended()

    def drop_wifi(self):
        """The access point is gone."""
        self._away, self.networks = self.networks, {}
        if self.wifi in (_NO_IP, _JOINED):
            self._wifi_gone()
            self._attempt += 1
            self._try_again(self._attempt)

    def wifi_returns(self):
        self.networks = self._away

    # one connection
    def _conf(self, name, kind, words):
        if kind == "?":
            return self.done(b"+CIPSSLCCONF:0,%d,0,0\r\n" % self.auth + OK)
        mode = int(words[0])
        if not 0 <= mode <= 3:
            raise ValueError
        self.auth = mode
        self.done()

    def _sni(self, name, kind, words):
        self.sni = words[0]
        self.done()

    def _common_name(self, name, kind, words):
        self.common_name = words[0]
        self.done()

    def _start(self, name, kind, words):
        if self.connection is not None:
            return self.done(b"ALREADY CONNECTED\r\n" + ERROR)
        self.kind, host, port = words[0], words[1], int(words[2])
        if self.kind not in ("TCP", "SSL") or self.wifi != _JOINED or self.network is None:
            raise ValueError
        tls = None
        if self.kind == "SSL":
            ca = self.stored.get(("client_ca", "client_ca.0"), b"")
            if self.auth & 2 and not ca:
                return self.done(b"NO CA FOUND\r\n" + ERROR)
            tls = TlsClient(self.auth, certificate(ca), self.sni, self.common_name, self.unix())
        self._up = self._announced = self._closing = False
        self.connection = Connection(self.world, self.network, "%s:%d" % (host, port), tls, self._heard, self._room)
        self._later(_SILENCE_US, self._silent, self.connection)

    def _silent(self, connection):
        """No answer, or no end of the handshake."""
        if self.connection is connection and not self._up:
            self._fails()

    def _fails(self):
        self.connection.close()
        self.connection = None
        self.done(ERROR)

    def _room(self):
        return _HOLDS - len(self.connection.plain) if self.connection is not None else _HOLDS

    def _heard(self, event):
        """What the connection says."""
        if self.connection is None:
            return
        if event == "open":
            self._up = True
            self.done(b"CONNECT\r\n" + OK)
        elif event == "data":
            self._arrived()
        elif not self._up:
            self._fails()
        else:
            self._ended()

    def _arrived(self):
        plain = self.connection.plain
        if not self.numbers["+CIPRECVMODE"]:
            self.say(b"\r\n+IPD,%d:" % len(plain) + bytes(plain))
            plain.clear()
        elif not self._announced:
            self._announced = True
            self.say(b"\r\n+IPD,%d\r\n" % len(plain))

    def _ended(self):
        """The peer has gone. CLOSED comes once what it left has been read."""
        self.connection.close()
        self._closing = True
        if not self._up:
            self._fails()
        elif not self.connection.plain:
            self._closed()

    def _closed(self):
        self.connection, self._up, self._announced, self._closing = None, False, False, False
        if self.swallow_closed:
            self.swallow_closed -= 1
        else:
            self.say(b"CLOSED\r\n")

    def _state(self, name, kind, words):
        one = b'+CIPSTATE:0,"%s","10.0.0.2",8583,55001,0\r\n' % self.kind.encode() if self._up else b""
        self.done(one + OK)

    def _send(self, name, kind, words):
        size = int(words[0])
        if not self._up or self._closing or not 0 < size <= _MOST:
            return self.done(b"link is not valid\r\n" + ERROR)
        self.want(size, self._sends)
        if self.close_in_send:
            self.close_in_send = False
            self._later(3_000, self._ended)

    def _sends(self, data):
        self.say(b"\r\nRecv %d bytes\r\n" % len(data))
        self._later(self.random.randint(*_SEND_US), self._sent, data)

    def _sent(self, data):
        try:
            if self.connection is None or self._closing:
                raise OSError
            self.connection.write(data)
        except OSError:
            return self.done(b"\r\nSEND FAIL\r\n")
        self.done(b"\r\nSEND OK\r\n")

    def _receive(self, name, kind, words):
        size = int(words[0])
        plain = self.connection.plain if self.connection is not None else b""
        if not self.numbers["+CIPRECVMODE"] or not plain or size < 1:
            raise ValueError
        data = bytes(plain[:size])
        del plain[:size]
        self._announced = bool(plain)
        self.done(b"+CIPRECVDATA:%d," % len(data) + data + OK)
        if self._closing and not plain:
            self._closed()

    def _length(self, name, kind, words):
        self.done(b"+CIPRECVLEN:%d\r\n" % (len(self.connection.plain) if self.connection is not None else 0) + OK)

    def _close(self, name, kind, words):
        if self.connection is None:
            raise ValueError
        self.connection.close()
        self.connection, self._up, self._announced, self._closing = None, False, False, False
        self.done(b"CLOSED\r\n" + OK)
