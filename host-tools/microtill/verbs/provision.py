# provision.py: `microtill provision`: one blank terminal, or a tray of them one after another. Ends 0 where all are keyed, 1 where one was refused.
import csv
from pathlib import Path

from microtill import provisioning, terminal
from microtill.certificate import page
from microtill.keys import TDES, KeyFault, opened

_MOST_SERIAL = 20
_WHY = {"S01": "it is keyed already, or has no true random source", "S04": "a proof that is not this station's, or a block of another session",
        "S10": "a step out of turn", "S20": "its settings want no PIN under TDES: host.pin_format", "P01": "something that it does not take"}


class BadSerial(Exception):
    code = "K09"


class BadBatch(Exception):
    code = "K10"


def _checked(serial):
    if not (0 < len(serial) <= _MOST_SERIAL and serial.isascii() and all(sign.isalnum() or sign in "-_." for sign in serial)):
        raise BadSerial("a serial is 1 to %d letters, digits, '-', '_' and '.'" % _MOST_SERIAL)
    return serial


def _one(out, state, store, serial, board, seed):
    steps = []

    def tell(words):
        steps.append(words)
        out.say("  %-8s %s" % (serial, words))
    done = provisioning.provision(state, store, serial, board, seed, tell)
    written = page(done, Path(state) / "terminals" / (serial + ".html"))
    out.say("%s: key id %s, initial key KCV %s, transport key KCV %s%s  [%s]" % (
        serial, done["key_id"], done["kcvs"]["initial"], done["kcvs"]["transport"], ", TEST KEYS" if done["label"] else "", done["store"]))
    out.say("certificate: %s" % written)
    return {**done, "steps": steps, "certificate": str(written)}


def _tdes(out, state, store, serial, board, seed):
    """The key for PINs under TDES, into a terminal that was provisioned and whose settings want it."""
    done = provisioning.provision_tdes(state, store, serial, board, seed)
    written = page(done, Path(state) / "terminals" / (serial + ".html"))
    out.say("%s: key for PINs under TDES KCV %s (from %s)  [%s]" % (serial, done["kcvs"]["tdes"], done[TDES], done["store"]))
    out.say("certificate: %s" % written)
    return {**done, "certificate": str(written)}


def provision(out, state, serial, batch, seed, tdes=False):
    store, one = opened.open_store(state), _tdes if tdes else _one
    if (serial is None) == (batch is None):
        raise BadSerial("give --serial N, or --batch FILE")
    if batch is None:
        return 0, one(out, state, store, _checked(serial), None, seed)
    results = []
    for row in _tray(batch):
        try:
            done = one(out, state, store, _checked(row["serial"]), row.get("state") or str(Path(state) / "boards" / row["serial"]), seed)
            results.append({"serial": row["serial"], "ok": True, "kcvs": done["kcvs"], "code": ""})
        except (terminal.Refused, terminal.NoAnswer, provisioning.WrongTerminal, BadSerial, KeyFault) as error:
            code = error.args[0] if isinstance(error, terminal.Refused) else error.code
            results.append({"serial": row["serial"], "ok": False, "kcvs": {}, "code": code})
    for row in results:
        out.say("%-20s %s" % (row["serial"], "keyed, KCV %s" % row["kcvs"]["initial"] if row["ok"] else "refused: %s %s" % (
            row["code"], _WHY.get(row["code"], ""))))
    return (0 if all(row["ok"] for row in results) else 1), {"boards": results, "serial": [row["serial"] for row in results if row["ok"]],
                                                             "kcvs": {row["serial"]: row["kcvs"] for row in results if row["ok"]}}


def _tray(path):
    try:
        rows = list(csv.DictReader(Path(path).read_text().splitlines()))
    except (OSError, ValueError) as error:
        raise BadBatch("%s: %s" % (path, error)) from None
    if not rows or any(not row.get("serial") for row in rows):
        raise BadBatch("%s: a CSV with a column serial, and one row a board; state is its folder" % path)
    return rows
