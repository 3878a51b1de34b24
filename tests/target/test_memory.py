# test_memory.py: heap is what a board has least of: what loading and working leave behind.
import gc

from check import measure, raises

from till.core import errors
from till.core.supervisor import where


def left_by(work, times):
    """Bytes of heap that so many more turns of `work` leave, once it is warm."""
    work()
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(times):
        work()
    gc.collect()
    return gc.mem_alloc() - before


def test_the_terminals_modules_leave_room_for_a_payment():
    import board  # noqa: F401
    import till.build  # noqa: F401
    gc.collect()
    measure("heap free with all modules loaded", gc.mem_free(), "bytes", 40_000)


def test_a_cmac_leaves_nothing():
    from till.crypto import cmac
    measure("left by 50 MACs", left_by(lambda: cmac.cmac(bytes(16), bytes(100)), 50), "bytes", None, 128)


def test_dukpt_leaves_nothing():
    from till.crypto import dukpt
    keys, at = dukpt.under(bytearray(16), bytes(8)), [1]

    def next_key():
        keys.key(at[0], dukpt.PIN)
        at[0] = dukpt.next_counter(at[0])
    measure("left by 50 keys", left_by(next_key, 50), "bytes", None, 128)


def test_a_message_leaves_nothing():
    from till.acquirer import iso8583
    fields, out = {3: b"000000", 4: b"000000001250", 11: b"000003", 128: bytes(8)}, bytearray(200)
    measure("left by 50 messages", left_by(lambda: iso8583.parse(out[:iso8583.pack("0200", fields, out)]), 50), "bytes", None, 128)


def test_a_receipt_leaves_nothing():
    from till.ui import receipt, words
    spoken = words.Words(("en",))
    pairs = [("Sales", "3"), None, ("Total", "12.50 EUR")]
    shop = {"name": "Shop", "address": "Street", "terminal": "TILL0001", "merchant": "M"}
    measure("left by 20 reports", left_by(lambda: receipt.report("X totals", pairs, shop, spoken, 1_767_600_000, 0, ""), 20), "bytes", None, 256)


def test_a_heap_that_is_full_is_an_error_that_can_be_caught():
    def fill():
        held = []
        while True:
            held.append(bytearray(1024))
    raises(MemoryError, fill)
    gc.collect()
    assert len(bytearray(2048)) == 2048


def test_an_error_holds_a_code_and_no_data():
    for name in dir(errors):
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, errors.TillError):
            assert len(kind.code) == 3 and kind().args == (), name


def test_every_code_is_its_own():
    codes = [kind.code for kind in (getattr(errors, name) for name in dir(errors)) if isinstance(kind, type) and issubclass(kind, errors.TillError)]
    assert len(codes) == len(set(codes)) >= 10


def _told(work):
    """What the log would say of how this ends."""
    try:
        work()
    except Exception as error:          # noqa: BLE001 (as core/supervisor.py does)
        return where(error)
    return ""


def test_of_memory_that_was_not_to_be_had_the_log_tells_how_much_was_wanted():
    assert _told(lambda: bytearray(1 << 28)).startswith("MemoryError of 268435456 bytes File")


def test_the_log_never_tells_what_else_an_error_says():
    def fails(kind, words):
        raise kind(words)
    for kind, words in ((MemoryError, "4761730000000119"), (ValueError, "allocating 4761730000000119 bytes")):
        said = _told(lambda kind=kind, words=words: fails(kind, words))
        assert said.startswith(kind.__name__ + " File") and "4761" not in said
