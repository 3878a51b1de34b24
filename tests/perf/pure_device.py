# pure_device.py: our pure operations on the wheel, for callgrind: `NAME N` (times), `NAME answer`, `NAME heap`; data in hex on stdin.
import gc
import sys


def tlv_index(data):
    from till.cards import tlv
    index = tlv.Index(64)

    def once():
        index.read(data)

    def answer():
        index.read(data)
        print([["%X" % index.tag(slot), bytes(index.window(slot)).hex(), index.parent(slot)] for slot in range(index.count)])
    return once, answer


def tlv_plain(data):
    from array import array
    from till.cards import tlv
    words = array("I", bytes(4 * 4 * 64))

    def once():
        tlv._scan(data, 0, len(data), words)

    def answer():
        print(tlv._scan(data, 0, len(data), words))
    return once, answer


def message(data):
    """Parse, and pack again from the values."""
    from till.acquirer import iso8583
    parsed = iso8583.parse(data)
    fields, out = {}, bytearray(1024)
    whole = memoryview(out)
    for number in parsed.fields():
        fields[number] = bytes(parsed.get(number))

    def once():
        size = iso8583.pack(b"0200", fields, out)
        iso8583.parse(whole[:size])

    def answer():
        size = iso8583.pack(b"0200", fields, out)
        print(bytes(out[:size]).hex())
    return once, answer


def frames(data):
    """Encode a command of 41 bytes after its code, decode an answer of 123, as `data` holds them one after the other."""
    from pn532 import frame
    command, reply = data[:43], data[43:]
    out, found = bytearray(frame.ROOM), frame.Found()

    def once():
        frame.encode(out, command)
        frame.decode(reply, 0, len(reply), found)

    def answer():
        size = frame.encode(out, command)
        frame.decode(reply, 0, len(reply), found)
        print(bytes(out[:size]).hex(), bytes(reply[found.start:found.end]).hex())
    return once, answer


def mac(data):
    from till.crypto import cmac
    key, text = data[:16], data[16:]

    def once():
        cmac.cmac(key, text)

    def answer():
        print(bytes(cmac.cmac(key, text)).hex())
    return once, answer


def _stepping(data):
    """A Dukpt that finds the parent of each of the first counters, as a terminal does that had a quiet moment."""
    from till.crypto import dukpt
    first = dukpt.under(bytearray(data[:16]), data[16:24])
    known = {counter: first.derivation_key(counter) for counter in range(1, 64)}
    known[0] = data[:16]

    def find(counter, out):
        out[:] = known[counter & counter - 1]
        return counter & counter - 1
    return dukpt.Dukpt(data[16:24], find)


def key_next(data):
    """The next counter's MAC key, its parent known: two blocks."""
    from till.crypto import dukpt
    keys = _stepping(data)
    at = [1]

    def once():
        keys.key(at[0], dukpt.MAC_REQUEST)
        at[0] = at[0] % 63 + 1

    def answer():
        for counter in range(1, 9):
            print(bytes(keys.key(counter, dukpt.MAC_REQUEST)).hex())
    return once, answer


def key_cold(data):
    """The costliest counter, nothing known: seventeen blocks."""
    from till.crypto import dukpt
    keys = dukpt.under(bytearray(data[:16]), data[16:24])

    def once():
        keys.wipe()
        keys.key(0xFFFF0000, dukpt.MAC_REQUEST)

    def answer():
        print(bytes(keys.key(0xFFFF0000, dukpt.MAC_REQUEST)).hex())
    return once, answer


def key_blocks(data):
    """AES blocks of a key: the most over the first thousand counters in order, the registers brought on after each as a quiet moment does it; then
    the most that any counter takes from the initial key."""
    from till.crypto import dukpt
    key_id, held = data[16:24], {0: bytearray(data[:16])}

    def find(counter, out):
        while counter not in held:
            counter &= counter - 1
        out[:] = held[counter]
        return counter

    def bring_on(keys, counter):
        wanted = list(dukpt.frontier(counter))
        for node in wanted:
            if node not in held:
                held[node] = keys.derivation_key(node)
        for node in [node for node in held if node not in wanted]:
            held.pop(node)

    def answer():
        keys, counter, most = dukpt.Dukpt(key_id, find), 0, 0
        for _ in range(1000):
            counter = dukpt.next_counter(counter)
            bring_on(keys, counter)
            before = keys.blocks
            keys.key(counter, dukpt.MAC_REQUEST)
            most = max(most, keys.blocks - before)
        cold = dukpt.under(bytearray(data[:16]), key_id)
        cold.key(0xFFFF0000, dukpt.MAC_REQUEST)
        print(most, cold.blocks)
    return answer, answer


def receipt(data):
    """A receipt's rows (style, text) as the printer's bytes, line by line, style commands where the style changes."""
    from escpos_printer import commands
    from till.devices.printer import _STYLES
    rows = [line.split("\x1f") for line in str(data, "utf-8").split("\n")]

    def lines():
        last = None
        for style, text in rows:
            if style != last:
                align, bold, wide, high = _STYLES[style]
                yield commands.align(align)
                yield commands.BOLD_ON if bold else commands.BOLD_OFF
                yield commands.size(wide, high)
                last = style
            yield text.encode()
            yield commands.LF

    def once():
        for _piece in lines():
            pass

    def answer():
        plain, at, sent = bytearray(), 0, b"".join(bytes(piece) for piece in lines())
        while at < len(sent):
            if sent[at] in (0x1B, 0x1D):            # the three style commands have three bytes each
                at += 3
            else:
                plain.append(sent[at])
                at += 1
        for line in bytes(plain).split(b"\n")[:-1]:
            print(str(line, "ascii") or "-")
    return once, answer


OPERATIONS = {"receipt": receipt,
              "tlv_index": tlv_index, "tlv_plain": tlv_plain, "message": message, "frames": frames, "mac": mac, "key_next": key_next,
              "key_cold": key_cold, "key_blocks": key_blocks}


def main(name, what):
    once, answer = OPERATIONS[name](bytes.fromhex(sys.stdin.readline().strip()))
    if what == "answer":
        answer()
    elif what == "heap":
        once()
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        once()
        print(gc.mem_alloc() - before)
    else:
        gc.collect()                     # what compiling left behind is no part of an operation
        for _ in range(int(what)):
            once()


main(*sys.argv[1:3])
