# test_crypto.py: keys and ciphers on this very processor: published answers, plain Python beside the built-in cipher, nothing left in clear.
from binascii import hexlify, unhexlify
from hashlib import sha256

from check import Numbers, raises

from till.core.errors import Malformed, WornOut
from till.crypto import aes, aes_plain, cmac, dukpt, equal, pbkdf2, pinblock, selftest

BDK, KEY_ID = unhexlify("FEDCBA9876543210F1F1F1F1F1F1F1F1"), unhexlify("1234567890123456")     # X9.24-3:2017 supplement
RFC_4493 = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")


def hexed(data):
    return str(hexlify(data), "ascii").upper()


def initial():
    return dukpt.initial_key(BDK, KEY_ID)


def test_the_chip_passes_its_known_answers():
    failed = []
    for _turn in selftest.turns(failed, True):
        pass
    assert failed == []


def test_ecb_is_the_same_in_plain_python():
    numbers = Numbers(5)
    for size in (16, 32):
        key, data = numbers.bytes(size), numbers.bytes(32)
        one, other = bytearray(data), bytearray(data)
        aes.encrypt(key, one)
        aes_plain.Aes(key, 1).encrypt(data, other)
        assert one == other
        aes.decrypt(key, one)
        assert one == data


def test_cbc_is_the_same_in_plain_python():
    numbers = Numbers(6)
    for size in (16, 32):
        key, data, iv = numbers.bytes(size), numbers.bytes(48), numbers.bytes(16)
        one, other = aes.cbc_encrypt(key, data, iv), bytearray(48)
        aes_plain.Aes(key, 2, iv).encrypt(data, other)
        assert one == other
        assert aes.cbc_decrypt(key, one, iv) == data


def test_a_key_of_192_bits_works_where_the_chip_has_none():
    # FIPS 197, C.2
    key, block = unhexlify("000102030405060708090a0b0c0d0e0f1011121314151617"), unhexlify("00112233445566778899aabbccddeeff")
    assert hexed(aes.ecb_encrypt(key, block)) == "DDA97CA4864CDFE06EAF70A0EC0D7191"


def test_cmac_gives_the_answers_of_rfc_4493():
    message = unhexlify("6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411")
    assert hexed(cmac.cmac(RFC_4493, message)) == "DFA66747DE9AE63030CA32611497C827"
    assert hexed(cmac.cmac(RFC_4493, b"")) == "BB1D6929E95937287FA37D129B756746"


def test_the_mask_of_a_cmac_is_the_same_in_viper():
    numbers = Numbers(7)
    for wide in (8, 16):
        for turn in range(40):
            blocks = 1 + turn % 3
            size = wide * blocks - (numbers.below(wide) if turn & 1 else 0)
            work, block = bytearray(numbers.bytes(wide * blocks)), bytearray(numbers.bytes(wide))
            other, same = bytearray(work), bytearray(block)
            cmac._mask(work, size, block)
            cmac.mask(other, size, same)
            assert work == other and block == same == bytes(wide)


def test_a_check_value_names_a_key_and_not_its_neighbour():
    assert hexed(cmac.kcv(RFC_4493)) == hexed(cmac.cmac(RFC_4493, bytes(16))[:3])
    assert cmac.kcv(RFC_4493) != cmac.kcv(BDK)


def test_dukpt_derives_the_keys_of_the_standard():
    assert hexed(initial()) == "1273671EA26AC29AFA4D1084127652A1"
    keys = dukpt.under(initial(), KEY_ID)
    assert hexed(keys.key(1, dukpt.PIN)) == "AF8CB133A78F8DC2D1359F18527593FB"
    assert hexed(keys.key(1, dukpt.MAC_REQUEST)) == "A2DC23DE6FDE0824A2BC321E08E4B8B7"
    assert hexed(keys.key(3, dukpt.PIN)) == "7D69F01F3B45449F62C7816ECE723268"
    assert hexed(keys.ksn(2)) == "123456789012345600000002"


def test_the_next_key_is_the_same_whether_or_not_the_way_is_known():
    stepping = dukpt.under(initial(), KEY_ID)
    counter = 0
    for _ in range(40):
        counter = dukpt.next_counter(counter)
        assert stepping.key(counter, dukpt.PIN) == dukpt.under(initial(), KEY_ID).key(counter, dukpt.PIN)


def test_a_counter_with_seventeen_bits_keys_nothing():
    assert dukpt.valid(0xFFFF0000) and not dukpt.valid(0xFFFF8000) and not dukpt.valid(0)
    assert dukpt.next_counter(0x0000FFFF) == 0x00010000
    assert dukpt.next_counter(0x8000FFFE) == 0x80010000
    raises(WornOut, dukpt.next_counter, 0xFFFF0000)


def test_a_pin_block_of_the_standard_and_no_plain_one_left_behind():
    key, out = unhexlify("AF8CB133A78F8DC2D1359F18527593FB"), bytearray(16)
    pinblock.encode4(b"1234", unhexlify("2F69ADDE2E9E7ACE"), b"4111111111111111", key, out)
    assert hexed(out) == "A912150391AB65A67E52883D81CE2D15"
    assert raises(Malformed, pinblock.encode4, b"12", bytes(8), b"4111111111111111", key, out).args[0] == "pin"
    assert out == bytes(16)


def test_pbkdf2_yields_its_turns_and_ends_with_the_known_key():
    out, turns = bytearray(32), 0
    for _ in pbkdf2.turns(b"password", b"salt", 100, out):
        turns += 1
    assert turns == 4
    one = bytearray(32)                 # the answer that is published for "password", "salt", one iteration
    for _ in pbkdf2.turns(b"password", b"salt", 1, one):
        pass
    assert hexed(one) == "120FB6CFFCF8B32C43E7225256C4F837A86548C92CCC35480805987CB70BE17B"


def test_a_comparison_of_secrets_sees_every_byte():
    secret = bytes(range(32))
    assert equal.equal(secret, bytes(secret)) and not equal.equal(secret, secret[:31])
    for at in range(32):
        other = bytearray(secret)
        other[at] ^= 1
        assert not equal.equal(secret, other)


def test_sha256_of_a_message_in_pieces():
    whole = sha256(b"abc" * 100).digest()
    pieces = sha256(b"")
    for _ in range(100):
        pieces.update(b"abc")
    assert pieces.digest() == whole
