# tdes_key.py: the initial key for PINs under TDES comes into its slot, once, and only while the owner's settings want PINs so. A terminal that was
# provisioned takes it in a key block under its transport key. Raises NotAllowed, NotKeyed, Malformed, WrongMac; then nothing has changed.
from till.core.errors import Malformed, NotKeyed, TillError
from till.crypto import des, dukpt_tdes
from till.secure import vault as slots

_HEADER = ("B1", "T", "X", "N")         # X9.143 4.2: an initial DUKPT key, TDES, to derive from, not to be handed on


class NotAllowed(TillError):
    """The settings in force want no PIN under TDES."""
    code = "S20"


def take(till, request, test_keys):
    """`request`: a key block where the terminal was provisioned, else the key in hex, which is a test key where no source is a true one."""
    vault, wanted = till.vault, till.parameters["host"]["pin_format"]
    if wanted != "iso-0-tdes":
        raise NotAllowed("host.pin_format")
    if not vault.keyed() or vault.pin_keyed(wanted):
        raise NotKeyed("already keyed" if vault.keyed() else "")
    serial = str(vault.public(slots.SERIAL), "utf-8")
    if vault.provisioned():
        header, key = vault.unwrapped(request["block"])
        if (header.usage, header.algorithm, header.mode, header.exportability) != _HEADER:
            raise Malformed("key block")
        if header.part("LB") != serial or header.part("KS") != dukpt_tdes.ksn(vault.public(slots.KEY_ID), 0).hex().upper():
            raise Malformed("other terminal")
    elif till.random_is_true or vault.label() == test_keys:
        key = bytearray(bytes.fromhex(request["hex"]))
    else:
        raise NotKeyed("no true random source")
    if len(key) != 16:
        raise Malformed("key block")
    check = bytearray(8)
    des.encrypt(key, check)
    kcv = bytes(check[:3]).hex().upper()
    till.audit.note("keys", "tdes", serial, kcv)        # before it is so: a cut leaves the word of it, never a key without
    vault.install(slots.TDES_KEY, key)
    for i in range(len(key)):
        key[i] = 0
    return [{"kcv": kcv}]
