# vault.py: keys live here and nowhere else. Slots on flash under the device key (encrypt, then MAC); a key can be used, never read.
# The key counter is synced before its key is used, and what could give a used key again is gone by the next quiet moment (secure/registers.py).
# Raises NotKeyed where a slot is empty, WrongMac where one was altered, WornOut at the end.
from till.core.errors import NotKeyed, StorageFault, WornOut, WrongMac
from till.crypto import aes, dukpt, pinblock
from till.crypto.cmac import cmac, kcv
from till.crypto.equal import equal
from till.secure.registers import Registers
from till.store import counters

# Slots. Public ones are stored as they are; secret ones encrypted. Of the initial key stays its check value, put there once its registers are whole.
SERIAL, INITIAL_KEY, KEY_ID, CA_CERTIFICATE, LABEL, CONDITIONS, LOGINS, TRANSPORT_KEY = 1, 2, 3, 4, 5, 6, 7, 8
SIGNING_KEY, FLOORS, LATCH = 9, 10, 11      # modulus of the key that signs packages; the lowest version of each kind that may come in, in JSON
KEY_BEFORE = 12                  # the signing key before this one: for what was taken already, and for nothing new
TDES_KEY = 14                    # the initial key for PINs under TDES, where an owner wants such
_SECRET = (TRANSPORT_KEY, TDES_KEY)
NEEDED = (SERIAL, INITIAL_KEY, KEY_ID, CA_CERTIFICATE)
_MAC_BYTES = 8                  # docs/host.md: the leftmost 8 of the CMAC


def journal_mac(device_key):
    """mac(data, out) of the journal's records: the leftmost len(out) bytes of a CMAC under a key that never leaves here."""
    key = cmac(device_key, b"microtill journal")

    def mac(data, out):
        cmac(key, data, out)
    return mac


class Vault:
    """`slots`: store.Slots; `nor`, `registers_at`: where the registers lie; `device_key`: bytearray of 16 from the board's fuses;
    `random_into(buf)`: the board's true source."""

    def __init__(self, slots, nor, registers_at, key_counter, device_key, random_into):
        self._slots, self._counter, self._random_into = slots, key_counter, random_into
        self._seal = cmac(device_key, b"microtill seal")
        self._mark = cmac(device_key, b"microtill mark")
        self._hash = cmac(device_key, b"microtill account hash")
        self._registers = Registers(nor, registers_at, self._seal, self._mark).mount()
        self._keys = self._label = self._reaches = None
        self.pin = bytearray(12)        # digits of the PIN being entered, as ASCII; wiped when used
        self.pin_size = 0
        if key_counter.value(counters.ZEROISED) & 1:
            self.zeroise()              # a cut came between its beginning and its end
        elif not slots.has(INITIAL_KEY) and self._registers.begun():
            self._registers.wipe()      # one came while they were made

    def zeroise(self):
        """No key is left: not in memory, not on flash. Once begun it comes to its end, whatever is cut. Counters stay, so none comes again."""
        if not self._counter.value(counters.ZEROISED) & 1:
            self._counter.spend(counters.ZEROISED)
        if self._keys:
            self._keys.wipe()
        self._keys = self._label = self._reaches = None
        self.wipe_pin()
        self._registers.wipe()
        self._slots.wipe()
        self._counter.spend(counters.ZEROISED)

    # slots
    def install(self, slot, value):
        """Put a key, certificate or label into its slot. What is there is replaced only once the new one is whole. The initial key comes after its
        id, and is kept nowhere: the keys that come from it are."""
        if slot == INITIAL_KEY:
            self._registers.load(value, self.public(KEY_ID), dukpt.next_counter(self._counter.value(counters.DUKPT)))
            value = kcv(value)
        self._slots.put(slot, self._sealed(value) if slot in _SECRET else value)
        if slot in (INITIAL_KEY, KEY_ID):
            self._keys = self._reaches = None
        if slot == LABEL:
            self._label = None

    def public(self, slot):
        """A slot that is no secret, as bytes. Raises NotKeyed where it is empty."""
        if slot in _SECRET:
            raise NotKeyed("secret")
        value = self._slots.get(slot)
        if value is None:
            raise NotKeyed
        return value

    def keyed(self):
        if self._reaches is None:
            self._reaches = self._registers.reaches(self._next())
        return self._reaches and all(self._slots.has(slot) for slot in NEEDED)

    def _next(self):
        """The counter of the next request, 0 where there is none any more."""
        try:
            return dukpt.next_counter(self._counter.value(counters.DUKPT))
        except WornOut:
            return 0

    def signed(self):
        """Was this terminal given a key that signs packages? Then it takes none without."""
        return self._slots.has(SIGNING_KEY)

    def provisioned(self):
        """Was it given a transport key? Then the admin line asks for proof."""
        return self._slots.has(TRANSPORT_KEY)

    def unwrapped(self, block):
        """(Header, key) of a key block under the transport key; the key is the caller's to wipe. Raises Malformed, WrongMac, NotKeyed."""
        from till.crypto import tr31
        transport = self._opened(TRANSPORT_KEY)
        try:
            return tr31.unwrap(transport, block)
        finally:
            _wipe(transport)

    def admin_mac(self, data):
        """Eight bytes over a request on the admin line, under a key out of the transport key. Raises NotKeyed."""
        transport = self._opened(TRANSPORT_KEY)
        key = cmac(transport, b"\x01admin line")
        out = bytes(cmac(key, data))[:_MAC_BYTES]
        _wipe(transport)
        _wipe(key)
        return out

    def signed_with(self):
        """Moduli of the keys whose signatures on what was taken still stand: the one in use, and the one before it."""
        return [self._slots.get(slot) for slot in (SIGNING_KEY, KEY_BEFORE) if self._slots.has(slot)]

    def label(self):
        """"test keys" where these are, else "". Printed on every paper."""
        if self._label is None:
            self._label = str(self._slots.get(LABEL) or b"", "utf-8")
        return self._label

    def _sealed(self, value):
        iv = bytearray(16)
        self._random_into(iv)
        padded = bytes(value) + b"\x80" + bytes(-(len(value) + 1) % 16)
        body = bytes(iv) + aes.cbc_encrypt(self._seal, padded, bytes(iv))
        return body + cmac(self._mark, body)

    def _opened(self, slot):
        blob = self._slots.get(slot)
        if blob is None:
            raise NotKeyed
        body = blob[:-16]
        if not equal(cmac(self._mark, body), blob[-16:]):
            raise WrongMac("slot")
        plain = bytearray(aes.cbc_decrypt(self._seal, body[16:], body[:16]))
        end = len(plain) - 1
        while plain[end] == 0:
            end -= 1
        secret = plain[:end]
        _wipe(plain)
        return secret

    # keys of one request
    def envelope(self, counter=None):
        """The keys of one request: under a fresh counter, synced before it is handed out, or of one that a repeat uses again."""
        keys = self._dukpt()
        if counter is None:
            counter = dukpt.next_counter(self._counter.value(counters.DUKPT))
            self._counter.spend(counters.DUKPT, counter)
        return Envelope(keys, counter)

    def _dukpt(self):
        if self._keys is None:
            self._keys = dukpt.Dukpt(self.public(KEY_ID), self._find)
        return self._keys

    def _find(self, counter, out):
        """As Dukpt wants it. Where a key is not what it was, this terminal has no keys."""
        try:
            return self._registers.find(counter, out)
        except StorageFault:
            self._reaches = False
            raise

    async def forget_used(self):
        """At a quiet moment, while no request is on its way and none may have to be sent again: no key that was used can be had any more."""
        following = self._next()
        if following and self.keyed():
            await self._registers.advance(following, self._dukpt())

    def account_hash(self, pan_digits):
        """A keyed hash of a card number, 16 hex digits: the same card, the same hash, on this terminal alone."""
        return bytes(cmac(self._hash, pan_digits))[:8].hex()

    def random_into(self, buf):
        self._random_into(buf)

    # PIN
    def pin_block(self, envelope, pan_digits):
        """ISO 9564 format 4 block (16 bytes) of the PIN in the buffer, under the envelope's PIN key; the PIN is wiped."""
        fill, out = bytearray(8), bytearray(16)
        self._random_into(fill)
        key = envelope.key(dukpt.PIN)
        pinblock.encode4(memoryview(self.pin)[:self.pin_size], fill, pan_digits, key, out)
        _wipe(key)
        self.wipe_pin()
        return out

    def pin_keyed(self, pin_format):
        """Is there a key, and a counter left, for PINs in this format? One in "iso-4" has a key as every request has."""
        if pin_format == "iso-4":
            return True
        from till.secure import tdes_pin
        return self._slots.has(TDES_KEY) and tdes_pin.left(self._counter)

    async def pin_block_tdes(self, pan_digits):
        """(ISO 9564 format 0 block of 8 bytes, its key serial number of 10) of the PIN in the buffer, under TDES DUKPT; the PIN is wiped."""
        from till.secure import tdes_pin
        initial = self._opened(TDES_KEY)
        try:
            return await tdes_pin.block(initial, self.public(KEY_ID), self._counter, memoryview(self.pin)[:self.pin_size], pan_digits)
        finally:
            _wipe(initial)
            self.wipe_pin()

    def wipe_pin(self):
        _wipe(self.pin)
        self.pin_size = 0


def _wipe(secret):
    """Zeros over a bytearray, in place."""
    for at in range(len(secret)):
        secret[at] = 0


class Envelope:
    """What one counter gives: key serial number, MACs, and the account data under a key used once."""

    def __init__(self, keys, counter):
        self._keys, self.counter = keys, counter
        self.ksn = bytes(keys.ksn(counter))

    def key(self, usage):
        return self._keys.key(self.counter, usage)

    def mac(self, data):
        """Eight bytes over a request (0x2000)."""
        return bytes(self._cmac(dukpt.MAC_REQUEST, data))[:_MAC_BYTES]

    def answers(self, data, mac):
        """Is `mac` that of a response (0x2001)? Compared in constant time."""
        return equal(bytes(self._cmac(dukpt.MAC_RESPONSE, data))[:_MAC_BYTES], mac)

    def _cmac(self, usage, data):
        key = self.key(usage)
        out = cmac(key, data)
        _wipe(key)
        return out

    def account_data(self, plain):
        """Account data in TLV, padded (ISO 9797-1 method 2) and under AES-CBC, zero IV, data key of the request (0x3000)."""
        size = len(plain)
        padded = bytearray(size + 16 - size % 16)
        padded[:size] = plain
        padded[size] = 0x80
        key = self.key(dukpt.DATA_REQUEST)
        sealed = aes.cbc_encrypt(key, padded)
        _wipe(key)
        _wipe(padded)
        return sealed
