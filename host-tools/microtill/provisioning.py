# provisioning.py: the station's side: a blank terminal at the end of an admin line, and a key store. Raises Refused (the terminal), WrongTerminal,
# keys.KeyFault; whatever is raised, the terminal is still blank or was already keyed.
import hashlib
import json
import os
from pathlib import Path

from psec import tr31

from microtill import demo, keys
from microtill.bench.acquirer import dukpt, tdes
from microtill.bench.acquirer.bank import Bank
from microtill.keys import ciphers, opened, record, terminals
from microtill.terminal import Service

TEST_KEYS = "test keys"


class WrongTerminal(Exception):
    """The terminal could not prove that it is the one which sealed the secret."""
    code = "K08"


class Station:
    """One provisioning over `ask(op, **more) -> rows`. `tell(words)` hears of each step."""

    def __init__(self, store, serial, ask, tell=lambda words: None):
        self._store, self.serial, self._ask, self._tell = store, serial, ask, tell
        self._station = keys.newest(store, "station")
        self.bdk, self.kbpk = keys.newest(store, "bdk"), keys.newest(store, "kbpk")
        self.ikid = dukpt.key_id(serial)

    def _step(self, name, **more):
        rows = self._ask("provision", step=name, **more)
        return rows[0]

    def hello(self):
        """Both nonces, the sealed secret, and from them the two keys of this session. Returns what the terminal says it is."""
        self._tell("hello")
        modulus, nonce = self._store.public(self._station), os.urandom(16)
        row = self._step("hello", serial=self.serial, modulus=modulus.hex(), nonce=nonce.hex())
        sealed = bytes.fromhex(row["sealed"])
        told = hashlib.sha256(modulus + nonce + bytes.fromhex(row["nonce"]) + sealed + self.serial.encode()).digest()
        try:
            secret = self._store.unseal(self._station, sealed)
        except ValueError:
            raise WrongTerminal("its secret is not sealed to this station") from None
        self._mark, self._wrap = (ciphers.cmac(secret, purpose + told) for purpose in (b"\x01mark", b"\x01wrap"))
        self._story = ciphers.cmac(self._mark, told)
        return {name: row[name] for name in ("model", "firmware", "random")}

    def _said(self, who):
        return ciphers.cmac(self._mark, who + self._story)

    def prove(self):
        self._tell("prove")
        row = self._step("prove", mac=self._said(b"station").hex())
        if row["mac"] != self._said(b"terminal").hex():
            raise WrongTerminal("its proof is not that of the terminal which said hello")

    def load(self, part, value):
        self._tell("load " + part)
        self._step("load", part=part, value=value)
        self._story = ciphers.cmac(self._mark, self._story + part.encode() + b"\x00" + value.encode())

    def block(self, usage, mode, key, **optional):
        """A key block of version D under the session's key, bound to the serial (X9.143: LB is its label, IK the initial key id)."""
        header = tr31.Header("D", usage, "A", mode, "00", "N")
        for name, value in {**optional, "LB": self.serial}.items():
            header.blocks[name] = value
        return tr31.wrap(self._wrap, header, key)

    def keys(self):
        initial = terminals.initial_key(self._store, self.ikid, self.bdk)
        transport = terminals.transport_key(self._store, self.serial, self.kbpk)
        self.load("transport", self.block("K1", "D", transport))
        self.load("initial", self.block("B1", "X", initial, IK=self.ikid.hex().upper()))
        return {"initial": ciphers.kcv(initial), "transport": ciphers.kcv(transport)}

    def commit(self):
        self._tell("lock")
        row = self._step("commit", mac=self._said(b"commit").hex())
        if row["mac"] != self._said(b"locked").hex():
            raise WrongTerminal("its last word is not that of the terminal which was provisioned")
        return row["kcvs"]


def through(store, serial, ask, tell=lambda words: None, certificate=None):
    """Provisions the terminal behind `ask`. `certificate`: the CA that its TLS will believe, DER. Returns what was done, for the certificate."""
    station = Station(store, serial, ask, tell)
    identity = station.hello()
    station.prove()
    ca = certificate or demo.CA_DER.read_bytes()
    station.load("ca", ca.hex())
    station.load("signing", store.public(keys.newest(store, "signing")).hex())
    label = TEST_KEYS if identity["random"] != "true" or store.about == "demonstration" else ""
    if label:
        station.load("label", label.encode().hex())
    made = station.keys()
    kcvs = station.commit()
    if kcvs != made:
        raise WrongTerminal("its keys have other check values")
    return {"serial": serial, "key_id": station.ikid.hex().upper(), "kcvs": kcvs, **identity, "label": label, "bdk": station.bdk,
            "kbpk": station.kbpk, "ca_sha256": hashlib.sha256(ca).hexdigest(), "store": store.about, "at": keys.today()}


def admin_key(state, serial):
    """The key of the admin line of this terminal, from the store of this folder; None where the folder did not provision it."""
    path = Path(opened.home(state)) / "terminals" / (serial + ".json")
    if not path.exists():
        return None
    return terminals.admin_key(terminals.transport_key(opened.open_store(state), serial, json.loads(path.read_text())["kbpk"]))


def known(state, key="bdk"):
    """{key id: label of the base derivation key} of every terminal that was given a key of it from this state folder's store."""
    found = {}
    for path in sorted((Path(state) / "terminals").glob("*.json")):
        done = json.loads(path.read_text())
        if key in done:
            found[bytes.fromhex(done["key_id"])] = done[key]
    return found


def bank_keys(state, store):
    """What the bank of this state folder asks for a terminal's initial keys: {argument of Bank: a function}."""
    state = opened.home(state)
    found = terminals.BankKeys(store, known(state), known(state, keys.TDES))
    return {"keys": found.initial_key, "tdes_keys": found.tdes_initial_key}


def provision(state, store, serial, board=None, seed=1, tell=lambda words: None):
    """The terminal of the folder `board` (by default `state` itself), from the store of `state`; the bank beside the terminal gets to know it."""
    state, board = opened.home(state), board or state
    with Service(board, keep=True, seed=seed) as terminal:
        done = through(store, serial, terminal.ask, tell)
    folder = Path(state) / "terminals"
    folder.mkdir(exist_ok=True)
    (folder / (serial + ".json")).write_text(json.dumps(done, indent=1))
    if board != state:
        opened.point(board, state)
    record.write(state, "provision", serial=serial, key_id=done["key_id"], kcvs=done["kcvs"])
    bank = Bank(str(Path(board) / "bank.sqlite"), **bank_keys(state, store))
    try:
        bank.enrol(serial, demo.TERMINAL_ID, demo.MERCHANT_ID)
    finally:
        bank.close()
    return done


def provision_tdes(state, store, serial, board=None, seed=1):
    """The key for PINs under TDES into a terminal that was provisioned from the store of `state`, and whose settings want it. Returns what was
    done to that terminal, all in all. Raises Refused, keys.KeyFault."""
    state, board = opened.home(state), board or state
    path = Path(state) / "terminals" / (serial + ".json")
    if not path.exists():
        raise keys.NoKey("no terminal %s was provisioned from here" % serial)
    done, bdk = json.loads(path.read_text()), keys.newest(store, keys.TDES)
    ksn = tdes.terminal_of(bytes.fromhex(done["key_id"])) + bytes(2)
    key, transport = terminals.tdes_initial_key(store, ksn, bdk), terminals.transport_key(store, serial, done["kbpk"])
    block = tr31.wrap(transport, _tdes_header(serial, ksn), key)
    done = {**done, keys.TDES: bdk, "kcvs": {**done["kcvs"], "tdes": ciphers.tdes_kcv(key)}}
    with Service(board, keep=True, seed=seed) as terminal:
        if terminal.ask("tdes_key", block=block)[0]["kcv"] != done["kcvs"]["tdes"]:
            raise WrongTerminal("its key has another check value")
    path.write_text(json.dumps(done, indent=1))
    record.write(state, "provision", serial=serial, key_id=done["key_id"], kcvs=done["kcvs"])
    bank = Bank(str(Path(board) / "bank.sqlite"), **bank_keys(state, store))
    try:
        bank.allow_tdes(serial)
    finally:
        bank.close()
    return done


def _tdes_header(serial, ksn):
    """X9.143: an initial DUKPT key, TDES, to derive from, not to be handed on; KS is its key set identifier."""
    header = tr31.Header("D", "B1", "T", "X", "00", "N")
    header.blocks["KS"], header.blocks["LB"] = ksn.hex().upper(), serial
    return header
