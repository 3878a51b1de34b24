# demo: the demonstration's secrets: TEST KEYS, published TEST card numbers, a TEST certificate. Worth nothing: never for real cards.
"""Everything here is public by design: who reads this repository knows every key in it.

A terminal keyed from this store prints "test keys" on its receipts. Card numbers are those that schemes and gateways publish for testing.
"""
from dataclasses import dataclass
from pathlib import Path

from microtill.bench.acquirer import dukpt

SERIAL = "MT-DEMO-0001"
TERMINAL_ID = "TILL0001"
MERCHANT_ID = "MERCHANT0000001"
MERCHANT_NAME = "Microtill Demo Shop"
CURRENCY = 978                # ISO 4217, EUR
COUNTRY = 620                 # ISO 3166-1, Portugal

BDK = bytes.fromhex("4D494352 4F54494C 4C2D4244 4B2D3031")              # TEST KEY: base derivation key, AES-128
TDES_BDK = bytes.fromhex("4D494352 4F54494C 4C2D5444 45532D31")         # TEST KEY: base derivation key for PINs under TDES
DEVICE_KEY = bytes.fromhex("4D494352 4F54494C 4C2D4445 56494345"        # TEST KEY: what a board's key store or eFuse would hold
                           "2D4B4559 2D544553 544F4E4C 59303031")
ACCOUNT_HASH_KEY = bytes.fromhex("4D494352 4F54494C 4C2D4143 43542D31")  # TEST KEY: the bank's keyed hash of card numbers
PIN_HASH_KEY = bytes.fromhex("4D494352 4F54494C 4C2D5049 4E482D31")      # TEST KEY: the bank's keyed hash of PINs

# TEST KEYS: issuer master keys for application cryptograms, by product and cryptogram version (double-length DES, odd parity).
ISSUER_KEYS = {
    "visa-10": bytes.fromhex("23456789ABCDEF01 1032547698BADCFE"),
    "visa-18": bytes.fromhex("0123456789ABCDEF FEDCBA9876543210"),
    "mchip-16": bytes.fromhex("89ABCDEF01234567 76543210FEDCBA98"),
    "mchip-17": bytes.fromhex("4567012389ABCDEF BA98FEDC76543210"),
}

_HERE = Path(__file__).parent
HOST_NAME = "bank.test"
CA_PEM = _HERE / "ca.pem"                   # TEST certificate authority, RSA-2048, 2020 to 2049
CA_DER = _HERE / "ca.der"                   # the same, as the terminal loads it
SERVER_PEM = _HERE / "server.pem"           # TEST certificate of bank.test, localhost and 127.0.0.1
SERVER_KEY_PEM = _HERE / "server_key.pem"   # TEST key of that certificate


@dataclass(frozen=True)
class Person:
    """One demonstration card and the account behind it. `expiry` is YYMM, `balance_minor` in cents, `languages` as in tag 5F2D.

    `asks_pin`: at every amount; `asks_pin_above`: above the CVM limit, where a Visa asks anyhow; `blocked`: by its issuer; `dated`: a Visa
    that shows its expiry in a record of its own, for the reader to judge.
    """
    name: str
    product: str
    pan: str
    pin: str
    outcome: str
    reason: str
    about: str
    psn: str = "01"
    expiry: str = "4912"
    languages: str = ""
    status: str = "open"
    balance_minor: int = 1_000_000_00
    asks_pin: bool = False
    asks_pin_above: bool = False
    blocked: bool = False
    dated: bool = False


CARDS = (
    Person("visa", "visa-18", "4761739001010119", "4071", "approved", "approved", "Visa plastic; no PIN up to the CVM limit",
           languages="en"),
    Person("visa-pin", "visa-18", "4012888888881881", "1234", "approved", "approved", "Visa plastic that asks for its PIN every time",
           asks_pin=True),
    Person("mc", "mchip-16", "5413330089604111", "5082", "approved", "approved", "M/Chip plastic that never asks for a PIN",
           languages="enfr"),
    Person("mc-pin", "mchip-17", "5555555555554444", "2468", "approved", "approved",
           "M/Chip plastic that asks for its PIN above the CVM limit", languages="zhen", asks_pin_above=True),
    Person("phone", "visa-18", "4111111111111111", "6093", "approved", "approved", "Visa in a phone, unlocked by its owner", psn="02",
           languages="en"),
    Person("no-funds", "visa-10", "4000000000009995", "7104", "declined", "no_funds", "a good card on an empty account", balance_minor=0),
    Person("stolen", "visa-18", "4000000000009979", "8115", "declined", "pick_up", "reported stolen: the bank wants it kept",
           status="stolen"),
    Person("expired", "visa-10", "4000000000000069", "9126", "declined", "expired", "past its date, and may not go online", expiry="2212",
           dated=True),
    Person("blocked", "mchip-16", "5105105105105100", "1137", "declined", "blocked", "application blocked by its issuer", blocked=True),
    Person("other-scheme", "visa-18", "6011111111111117", "2148", "declined", "not_accepted", "a scheme that this till does not take"),
    Person("clone", "visa-18", "4000056655665556", "3159", "declined", "not_genuine", "right data, wrong key: a copy"),
    Person("pulled", "visa-18", "4000000000000077", "4160", "cancelled", "card_removed", "leaves the field at the third command"),
)


def initial_key(serial):
    """(initial key id of 8 bytes, initial key of 16 bytes) of the terminal with this serial, under the demonstration's BDK."""
    ikid = dukpt.key_id(serial)
    return ikid, dukpt.initial_key(BDK, ikid)
