# pure_peer.py: what pure_device.py does, by libraries that others keep, on CPython, N times, for callgrind. `NAME N` or `NAME answer`.
import copy
import sys


def tlv_index(data):
    from pyemv import tlv

    def flat(values, parent, rows):
        for tag, value in values.items():
            slot = len(rows)
            inner = isinstance(value, dict)
            rows.append([tag, None if inner else bytes(value).hex(), parent])
            if inner:
                flat(value, slot, rows)
        return rows
    return lambda: tlv.decode(data), lambda: flat(tlv.decode(data), -1, [])


def message(data):
    import iso8583
    from iso8583.specs import default_ascii
    spec = copy.deepcopy(default_ascii)
    spec["h"]["max_len"] = 0
    spec["p"]["data_enc"] = "b"
    for field in ("55", "64"):
        spec[field]["data_enc"] = "b"
    spec["64"]["max_len"] = 8
    document, _ = iso8583.decode(data, spec)

    def once():
        raw, _ = iso8583.encode(document, spec)
        iso8583.decode(raw, spec)
    return once, lambda: [bytes(iso8583.encode(document, spec)[0]).hex()]


def mac(data):
    from cryptography.hazmat.primitives.ciphers import algorithms
    from cryptography.hazmat.primitives.cmac import CMAC
    key, text = data[:16], data[16:]

    def once():
        work = CMAC(algorithms.AES(key))
        work.update(text)
        return work.finalize()
    return once, lambda: [once().hex()]


def receipt(data):
    import re

    from escpos.printer import Dummy
    styles = {"title": ("center", True, True, True), "big": ("center", True, False, True), "centre": ("center", False, False, False),
              "bold": ("left", True, False, False), "line": ("left", False, False, False)}
    rows = [line.split("\x1f") for line in data.decode().split("\n")]
    printer = Dummy()

    def once():
        printer.clear()
        last = None
        for style, text in rows:
            if style != last:
                align, bold, wide, high = styles[style]
                printer.set(align=align, bold=bold, double_width=wide, double_height=high, normal_textsize=not (wide or high))
                last = style
            printer.text(text + "\n")
        return printer.output

    def answer():
        plain = re.sub(rb"\x1b[aEMtR!{-].|\x1d[!B].|\x1b@", b"", once())
        return [line or "-" for line in plain.decode("cp437").split("\n")[:-1]]
    return once, answer


def key_next(data):
    from microtill.bench.acquirer import dukpt
    at = [1]

    def once():
        dukpt.working_key(data[:16], data[16:24] + at[0].to_bytes(4, "big"), 0x2000)
        at[0] += 1
    return once, lambda: [dukpt.working_key(data[:16], data[16:24] + bytes((0, 0, 0, i)), 0x2000).hex() for i in range(1, 9)]


def key_cold(data):
    from microtill.bench.acquirer import dukpt
    ksn = data[16:24] + bytes.fromhex("FFFF0000")
    return lambda: dukpt.working_key(data[:16], ksn, 0x2000), lambda: [dukpt.working_key(data[:16], ksn, 0x2000).hex()]


def main(name, what):
    make = {"tlv_index": tlv_index, "message": message, "receipt": receipt, "mac": mac, "key_next": key_next, "key_cold": key_cold}[name]
    once, answer = make(bytes.fromhex(sys.stdin.readline().strip()))
    if what == "answer":
        print(answer())
        return
    for _ in range(int(what)):
        once()


if __name__ == "__main__":
    main(*sys.argv[1:3])
