# tdes_pin.py: a PIN as ISO 9564-1 format 0 under TDES DUKPT (ANSI X9.24-1), for a bank that has nothing newer; imported where an owner wants that.
# The counter is synced before its key is used. Raises WornOut at its end, StorageFault. The initial key and the PIN are the caller's to wipe.
import asyncio

from till.core.errors import WornOut
from till.crypto import des, dukpt_tdes, pinblock_tdes
from till.store import counters


def left(key_counter):
    """Is there a counter for another PIN?"""
    try:
        return dukpt_tdes.next_counter(key_counter.value(counters.TDES)) > 0
    except WornOut:
        return False


async def block(initial, key_id, key_counter, pin, pan_digits):
    """(enciphered block of 8 bytes, key serial number of 10). Other tasks have their turn between two derivations."""
    counter = key_counter.spend(counters.TDES, dukpt_tdes.next_counter(key_counter.value(counters.TDES)))
    ksn, key, out = dukpt_tdes.ksn(key_id, counter), bytearray(16), bytearray(8)
    try:
        for _turn in dukpt_tdes.turns(initial, ksn, key):
            await asyncio.sleep(0)
        key[:] = dukpt_tdes.working_key(key, dukpt_tdes.PIN)
        pinblock_tdes.encode(0, pin, pan_digits, out)
        des.encrypt(key, out)
    finally:
        for i in range(len(key)):
            key[i] = 0
    return out, ksn
