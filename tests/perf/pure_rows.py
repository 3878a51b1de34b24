# pure_rows.py: our pure code beside libraries that others keep, in instructions, once their answers were compared. Fails where they differ.
"""rows() gives what `make perf` prints. Instructions (Ir) by `valgrind --tool=callgrind`, as the difference of two run lengths."""
import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON, WHEEL = Path(sys.executable), Path(sys.executable).parent / "micropython"
_DEVICE = dict(os.environ, PYTHONHASHSEED="0", MICROPYPATH=f"{ROOT / 'firmware'}:{ROOT / 'drivers'}:.frozen")
_PEER = dict(os.environ, PYTHONHASHSEED="0", PYTHONPATH=str(ROOT / "host-tools"))
_FRAME_DRIVER_IR = 67_000                 # a well-known MicroPython driver on the same two frames, measured when the goal was set


def _object(tag, size, seed):
    value = bytes(i * 37 + seed * 11 & 0xFF for i in range(size))
    return bytes.fromhex(tag) + (bytes((size,)) if size < 128 else bytes((0x81, size))) + value


def _record():
    """A READ RECORD answer of 242 bytes with templates in one another, as a chip card gives."""
    plain = [("57", 19), ("5A", 8), ("5F24", 3), ("5F25", 3), ("5F28", 2), ("5F34", 1), ("8C", 27), ("8D", 13), ("8E", 14), ("9F07", 2),
             ("9F08", 2), ("9F0D", 5), ("9F0E", 5), ("9F0F", 5), ("9F42", 2), ("5F30", 2), ("9F4A", 1), ("8F", 1), ("9F32", 1)]
    inner = [("50", 10), ("87", 1), ("5F2D", 4), ("9F11", 1), ("9F12", 10)]
    deep = [("9F4D", 2), ("9F6E", 20)]

    def all_of(objects, seed):
        return b"".join(_object(tag, size, seed + i) for i, (tag, size) in enumerate(objects))

    def template(tag, value):
        return bytes.fromhex(tag) + (bytes((len(value),)) if len(value) < 128 else bytes((0x81, len(value)))) + value
    return template("70", all_of(plain, 1) + template("A5", all_of(inner, 20) + template("BF0C", all_of(deep, 25))))


def _message():
    """A sale of 307 bytes: 17 fields, 150 bytes of chip data, MAC in 64."""
    chip = bytes(range(150))
    text = (b"164761739001010010" b"000000" b"000000001234" b"1124191634" b"000123" b"191634" b"1124" b"2712" b"071" b"001" b"00"
            b"324761739001010010=271220112345678" b"TERM0001" b"MERCHANT0000001" b"978" b"150" + chip + bytes(8))
    numbers = (2, 3, 4, 7, 11, 12, 13, 14, 22, 23, 25, 35, 41, 42, 49, 55, 64)
    bits = sum(1 << 64 - number for number in numbers)
    return b"0200" + bits.to_bytes(8, "big") + text


def _frames():
    """A command of 43 bytes, then the frame of an answer of 123."""
    body = b"\xd5\x41\x00" + bytes(i * 7 & 0xFF for i in range(120))
    frame = b"\x00\x00\xff" + bytes((len(body), -len(body) & 0xFF)) + body + bytes((-sum(body) & 0xFF, 0))
    return b"\xd4\x40\x01" + bytes(range(40)) + frame


def _receipt():
    """Thirty-two rows of an approved sale."""
    rows = [("big", "Microtill Demo Shop"), ("centre", "1 Bench Street"), ("centre", "*** TEST KEYS ***")]
    rows += [("line", "%-16s%16s" % ("Row %d" % n, "value %d" % (n * 37))) for n in range(24)]
    rows += [("title", "12.50 EUR"), ("title", "APPROVED"), ("line", "-" * 32), ("line", "PIN verified by the bank"), ("centre", "CUSTOMER COPY")]
    return "\n".join("\x1f".join(row) for row in rows).encode()


_KEYS = bytes(range(24))
# name, our operation, its data, the peer's operation or its figure, least ratio of peer to ours (or the most of ours), most bytes of heap
TABLE = (
    ("BER-TLV, 242 bytes", "tlv_index", _record(), "tlv_index", 10, 0),
    ("ISO 8583 pack and unpack, 307 bytes", "message", _message(), "message", 5, 512),
    ("PN532 frame encode and decode", "frames", _frames(), _FRAME_DRIVER_IR, 5, None),
    ("CMAC of 256 bytes", "mac", bytes(range(16)) + bytes(range(256)), "mac", 1 / 3, None),
    ("receipt of 32 lines", "receipt", _receipt(), "receipt", 20, None),
    ("AES DUKPT, next key", "key_next", _KEYS, "key_next", None, None),
    ("AES DUKPT, cold, 16 one bits", "key_cold", _KEYS, "key_cold", None, None),
)


def _run(program, script, name, what, data, environment, valgrind=False):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"] if valgrind else []
    command += [program, *(["-X", "heapsize=192k"] if program == WHEEL else []), ROOT / "tests" / "perf" / script, name, str(what)]
    done = subprocess.run(command, input=data.hex() + "\n", capture_output=True, text=True, timeout=300, env=environment, check=True)
    return done.stderr if valgrind else done.stdout


def _collected(report):
    return next(int(line.split()[-1]) for line in report.splitlines() if "Collected" in line)


def _instructions(program, script, name, data, environment, few, many):
    costs = [_collected(_run(program, script, name, n, data, environment, valgrind=True)) for n in (few, many)]
    return (costs[1] - costs[0]) // (many - few)


def _answers_agree(ours, theirs, data):
    """Whether both sides give the same; a figure instead of a peer was compared when it was measured."""
    mine = _run(WHEEL, "pure_device.py", ours, "answer", data, _DEVICE).split("\n")
    peer = _run(PYTHON, "pure_peer.py", theirs, "answer", data, _PEER)
    if ours == "tlv_index":
        return [[tag, None if inner is None else value, parent] for (tag, value, parent), (_, inner, _) in zip(
            ast.literal_eval(mine[0]), ast.literal_eval(peer), strict=True)] == ast.literal_eval(peer)
    return [line for line in mine if line] == ast.literal_eval(peer)


def row(name, ours, data, theirs, least, most_heap):
    """One row; raises AssertionError where the two sides do not say the same."""
    cost = _instructions(WHEEL, "pure_device.py", ours, data, _DEVICE, 20, 120)
    if isinstance(theirs, str):
        assert _answers_agree(ours, theirs, data), name
        peer = _instructions(PYTHON, "pure_peer.py", theirs, data, _PEER, 10, 40)
    else:
        peer = theirs
    heap = int(_run(WHEEL, "pure_device.py", ours, "heap", data, _DEVICE))
    goals, met = [], True
    if least is not None:
        goals.append(f"<= peer / {least:g}" if least >= 1 else f"<= {1 / least:g} x peer")
        met = cost * least <= peer
    if most_heap is not None:
        goals.append(f"<= {most_heap} bytes")
        met = met and heap <= most_heap
    return {"name": name, "ours": cost, "peer": peer, "ratio": round(peer / cost, 2), "unit": "Ir", "goal": ", ".join(goals), "met": met,
            "heap_bytes": heap, "heap_word_bits": 64}


def block_rows():
    """AES blocks of a DUKPT key, in order and at worst; the peer derives each key from the initial one, a block a one bit and one more."""
    typical, worst = map(int, _run(WHEEL, "pure_device.py", "key_blocks", "answer", _KEYS, _DEVICE).split())
    peer = max(bin(counter).count("1") + 1 for counter in range(1, 1001))
    return [{"name": name, "ours": ours, "peer": theirs, "ratio": round(theirs / ours, 2), "unit": "AES blocks", "goal": f"<= {most}",
             "met": ours <= most}
            for name, ours, theirs, most in (("AES DUKPT, keys in order", typical, peer, 2), ("AES DUKPT, at worst", worst, 17, 17))]


def rows():
    """Rows of name, ours, peer, ratio, unit, goal, met; heap_bytes beside them is what one operation takes on the 64-bit wheel.

    A row without a goal is there to be watched.
    """
    return [row(*line) for line in TABLE] + block_rows()


if __name__ == "__main__":
    for line in rows():
        print(line)
