# test_bank_double.py: a till for the bank's tests, on a codec of its own, and the proof that bank and till read the same bytes.
import datetime
import hashlib
import itertools

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from psec import pinblock
from pyemv import tlv

from microtill import demo
from microtill.bench.acquirer import dukpt, messages
from microtill.bench.acquirer.bank import Bank
from microtill.bench.cards.wallet import Wallet

NOW = datetime.datetime(2026, 11, 24, 19, 16, 1, tzinfo=datetime.UTC)
PPSE = bytes.fromhex("00A404000E325041592E5359532E444446303100")
ACCEPTED = (bytes.fromhex("A000000003"), bytes.fromhex("A000000004"))
TTQ_BELOW, TTQ_ABOVE = bytes.fromhex("26804000"), bytes.fromhex("26C04000")     # qVSDC, online PIN; ARQC; device CVM; above: CVM required
LLVAR, LLLVAR = (2, 35), (55, 60, 126)
CVM_LIMIT = 50_00


class Pulled(Exception):
    """The card no longer answers."""


class Stopped(Exception):
    """The till stops: args[0] is the reason word."""


def dol(data):
    """[(tag, size)] of a data object list."""
    pairs, at = [], 0
    while at < len(data):
        size = 2 if data[at] & 0x1F == 0x1F else 1
        pairs.append((data[at:at + size].hex().upper(), data[at + size]))
        at += size + 1
    return pairs


class Tap:
    """One reading of one card: `tags` by name, `commands` sent, `took_us` that the card thought, `asks_pin`, `by_device`."""

    def __init__(self, card, amount, unpredictable=b"\x11\x22\x33\x44"):
        self.card, self.amount, self.commands, self.took_us = card, amount, 0, 0
        self.above = amount > CVM_LIMIT
        self.terminal = {"9F66": TTQ_ABOVE if self.above else TTQ_BELOW, "9F02": bytes.fromhex(f"{amount:012}"), "9F03": bytes(6),
                         "9F1A": b"\x06\x20", "95": bytes(5), "5F2A": b"\x09\x78", "9A": bytes.fromhex(f"{NOW:%y%m%d}"), "9C": b"\x00",
                         "9F37": unpredictable, "9F35": b"\x22", "9F34": b"\x1f\x03\x02"}
        self.tags = {}
        card.power_on()
        self._read()

    def _send(self, command):
        self.commands += 1
        response, took_us = self.card.apdu(command)
        self.took_us += took_us
        if response is None:
            raise Pulled
        return response[:-2], response[-2:]

    def _read(self):
        directory, status = self._send(PPSE)
        assert status == b"\x90\x00"
        aid = tlv.decode(directory)["6F"]["A5"]["BF0C"]["61"]["4F"]
        if not aid.startswith(ACCEPTED):
            raise Stopped("not_accepted")
        answer, status = self._send(b"\x00\xa4\x04\x00" + bytes((len(aid),)) + aid + b"\x00")
        if status == b"\x62\x83":
            raise Stopped("blocked")
        self.tags.update(tlv.decode(answer, flatten=True))
        values = b"".join(self.terminal[tag] for tag, _ in dol(self.tags.get("9F38", b"")))
        template = b"\x83" + bytes((len(values),)) + values
        answer, status = self._send(b"\x80\xa8\x00\x00" + bytes((len(template),)) + template + b"\x00")
        if status == b"\x69\x86":
            raise Stopped("see_phone")
        if status != b"\x90\x00":
            raise Stopped("blocked")
        self.tags.update(tlv.decode(answer, flatten=True))
        self._records()
        if "5F24" in self.tags and self.tags["5F24"].hex() < f"{NOW:%y%m%d}":
            raise Stopped("expired")
        if "9F26" not in self.tags:
            self._generate()
        qualifiers = self.tags.get("9F6C", bytes(2))
        self.by_device = bool(qualifiers[1] & 0x80)
        self.asks_pin = bool(qualifiers[0] & 0x80) or (self.above and self.tags.get("8E", b"")[8:10] == b"\x42\x03")

    def _records(self):
        locator = self.tags.get("94", b"")
        for at in range(0, len(locator), 4):
            for number in range(locator[at + 1], locator[at + 2] + 1):
                answer, status = self._send(bytes((0x00, 0xB2, number, locator[at] | 4, 0)))
                assert status == b"\x90\x00"
                self.tags.update(tlv.decode(answer, flatten=True))

    def _generate(self):
        values = b"".join(self.terminal[tag] for tag, _ in dol(self.tags["8C"]))
        answer, status = self._send(b"\x80\xae\x80\x00" + bytes((len(values),)) + values + b"\x00")
        assert status == b"\x90\x00"
        self.tags.update(tlv.decode(answer, flatten=True))

    def field55(self):
        both = {**self.terminal, **self.tags}
        names = ("9F26", "9F27", "9F10", "9F37", "9F36", "95", "9A", "9C", "9F02", "5F2A", "82", "9F1A", "9F03", "5F34")
        return tlv.encode({name: both[name] for name in names})


def pack(mti, fields):
    """Text numerics, binary bitmap: the till's own writing of a message, 128 last."""
    bits = 0
    for number in fields:
        bits |= 1 << (128 - number)
    bits |= 1 << 127
    body = mti.encode() + bits.to_bytes(16, "big")
    for number in sorted(fields):
        value = fields[number] if isinstance(fields[number], bytes) else fields[number].encode("ascii")
        if number in LLVAR:
            body += b"%02d" % len(value)
        if number in LLLVAR:
            body += b"%03d" % len(value)
        body += value
    return body


class Till:
    """A terminal of the demonstration: counts STAN and KSN, makes requests as bytes. `change` bends fields before they are signed."""

    def __init__(self, serial=demo.SERIAL):
        self.ikid, self.first_key = demo.initial_key(serial)
        self.terminal, self.merchant = demo.TERMINAL_ID, demo.MERCHANT_ID
        self.stan, self.counter = 0, 0

    def key(self, usage, counter=None):
        return dukpt.working_key(self.first_key, self.ksn(counter), usage)

    def ksn(self, counter=None):
        return self.ikid + (counter or self.counter).to_bytes(4, "big")

    def request(self, mti, fields, private=None, change=None, counter=None, stan=None):
        """The bytes of one new request: STAN, times, ids, 126 and 128 are added."""
        self.stan += 1
        if counter is None:
            self.counter += 1
        whole = {7: f"{NOW:%m%d%H%M%S}", 11: stan or f"{self.stan:06}", 12: f"{NOW:%H%M%S}", 13: f"{NOW:%m%d}",
                 41: self.terminal, 42: self.merchant, **fields}
        whole[126] = tlv.encode({"DF01": self.ksn(counter), **(private or {})})
        whole.update(change or {})
        return self.sign(mti, {number: value for number, value in whole.items() if value is not None}, counter)

    def sign(self, mti, fields, counter=None):
        body = pack(mti, {**fields, 128: bytes(8)})[:-8]
        cmac = CMAC(algorithms.AES(self.key(dukpt.MAC_REQUEST, counter)))
        cmac.update(body)
        return body + cmac.finalize()[:8]

    def sale(self, tap, pin=None, change=None, private=None, counter=None, mti="0200"):
        at = counter or self.counter + 1
        track2 = tap.tags["57"]
        pan = track2.hex().upper().partition("D")[0]
        plain = tlv.encode({"57": track2}) + b"\x80"
        plain += bytes(-len(plain) % 16)
        cipher = Cipher(algorithms.AES(self.key(dukpt.DATA_REQUEST, at)), modes.CBC(bytes(16))).encryptor()
        secret = {"DF04": cipher.update(plain) + cipher.finalize(), "DF05": b"3.%d" % (self.stan + 1)}
        if pin is not None:
            block = pinblock.encipher_pinblock_iso_4(self.key(dukpt.PIN_ENCRYPTION, at), pin, pan)
            secret.update({"DF02": b"\x04", "DF03": block})
        fields = {2: pan[:6] + "******" + pan[-4:], 3: "000000", 4: f"{tap.amount:012}", 22: "071", 23: "0" + tap.tags["5F34"].hex(),
                  25: "00", 49: "978", 55: tap.field55()}
        return self.request(mti, fields, {**secret, **(private or {})}, change, counter)

    def by_reference(self, code, sale, answer, amount=None, change=None):
        """A void (020000) or a refund (200000) of the sale whose request and answer are given."""
        first, answered = messages.decode(sale), messages.decode(answer)
        fields = {3: code, 4: f"{amount:012}" if amount else first[4], 22: "012", 25: "00", 37: answered[37], 38: answered.get(38),
                  49: "978", 90: first.mti + first[11] + first[7] + "0" * 22}
        return self.request("0200", fields, {"DF05": b"4.1"}, change)

    def reversal(self, request, mti="0400", change=None, counter=None, stan=None):
        first = messages.decode(request)
        fields = {2: first.get(2), 3: first[3], 4: first[4], 22: first[22], 25: "00", 37: None, 49: "978",
                  90: first.mti + first[11] + first[7] + "0" * 22}
        return self.request(mti, fields, {"DF05": b"3.9"}, change, counter, stan)

    def admin(self, code="001", change=None, counter=None):
        return self.request("0800", {3: "990000", 70: code}, None, change, counter)

    def read(self, answer):
        """The Message of an answer whose MAC is right under the response key of its own KSN."""
        message = messages.decode(answer)
        ksn = tlv.decode(message[126])["DF01"]
        cmac = CMAC(algorithms.AES(dukpt.working_key(self.first_key, ksn, dukpt.MAC_RESPONSE)))
        cmac.update(answer[:-8])
        assert cmac.finalize()[:8] == message[128]
        return message


class Shop:
    """A till, a wallet and a bank that stand together."""

    def __init__(self, path=":memory:"):
        self.bank, self.till, self.wallet = Bank(path, now=lambda: NOW), Till(), Wallet()
        self._unpredictable = itertools.count(1)

    def tap(self, name, amount=12_50):
        return Tap(self.wallet.card(name), amount, next(self._unpredictable).to_bytes(4, "big"))

    def sale(self, name="visa", amount=12_50, **how):
        """(request, answer) of one sale."""
        request = self.till.sale(self.tap(name, amount), **how)
        return request, self.bank.handle(request)

    def ask(self, request):
        """The response code of one request."""
        return self.till.read(self.bank.handle(request))[39]


@pytest.fixture
def shop():
    return Shop()


def test_bank_and_till_read_the_same_bytes(shop):
    request, answer = shop.sale()
    read = messages.decode(request)
    assert (read.mti, read[2], read[4], read[41]) == ("0200", "476173******0119", "000000001250", "TILL0001")
    answered = shop.till.read(answer)
    assert (answered.mti, answered[39], answered[11]) == ("0210", "00", read[11])


def test_the_same_shop_twice_gives_the_same_bytes():
    def day():
        shop = Shop()
        return [shop.sale(name)[1] for name in ("visa", "mc", "no-funds", "clone")]
    assert hashlib.sha256(b"".join(day())).digest() == hashlib.sha256(b"".join(day())).digest()
