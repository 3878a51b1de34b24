# terminals.py: what a store makes for one terminal: its key id, initial DUKPT key and transport key. The bank opens the same store.
from microtill import keys
from microtill.bench.acquirer import dukpt, tdes
from microtill.keys import ciphers

_INITIAL = bytes.fromhex("0101 8001 0002 0080")         # X9.24-3:2017 6.3.2: block 1, initial key, AES-128, 128 bits; the key id follows


def initial_key(store, ikid, bdk):
    """The initial key (16 bytes) of a key id under the base derivation key with this label."""
    return store.block(bdk, _INITIAL + ikid)


def tdes_initial_key(store, ksn, bdk):
    """The initial key (16 bytes) for PINs under TDES of the terminal with this key serial number, under the key with this label."""
    right = bdk.replace(keys.TDES, keys.TDES_RIGHT)
    return tdes.initial_key(lambda data: store.des(bdk, data), lambda data: store.des(right, data), ksn)


def transport_key(store, serial, kbpk):
    """The key (16 bytes) that protects this terminal's key blocks: CMAC of its serial, under the key with this label."""
    return store.mac(kbpk, b"\x01transport\x00" + serial.encode())


def admin_key(transport):
    """The key (16 bytes) under which requests on the admin line of the terminal with this transport key are marked."""
    return ciphers.cmac(transport, b"\x01admin line")


def derived(store, serial):
    """What `microtill keys derive` shows: labels, key id and check values."""
    bdk, kbpk, ikid = keys.newest(store, "bdk"), keys.newest(store, "kbpk"), dukpt.key_id(serial)
    return {"serial": serial, "key_id": ikid.hex().upper(), "bdk": bdk, "kbpk": kbpk, "kcv": ciphers.kcv(initial_key(store, ikid, bdk)),
            "transport_kcv": ciphers.kcv(transport_key(store, serial, kbpk))}


class BankKeys:
    """The bank's side of a store: initial keys by key id, each derived once; `labels`: {key id: label of its base derivation key}; `tdes_labels`:
    the same of those for PINs under TDES."""

    def __init__(self, store, labels, tdes_labels=None):
        self._store, self._labels, self._known = store, labels, {}
        self._tdes = {tdes.terminal_of(ikid): label for ikid, label in (tdes_labels or {}).items()}

    def initial_key(self, ikid):
        if ikid not in self._known:
            self._known[ikid] = initial_key(self._store, ikid, self._labels.get(ikid) or keys.newest(self._store, "bdk"))
        return self._known[ikid]

    def tdes_initial_key(self, ksn):
        """Raises NoKey where this terminal was given none."""
        ksn = tdes.terminal_of(ksn)
        if ksn not in self._known:
            if ksn not in self._tdes:
                raise keys.NoKey("no key for PINs under TDES was made for this terminal")
            self._known[ksn] = tdes_initial_key(self._store, ksn, self._tdes[ksn])
        return self._known[ksn]
