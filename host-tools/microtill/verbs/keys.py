# keys.py: `microtill keys`: the key store of a state folder. Prints names, uses, dates and check values; never a key.
import getpass
import sys

from microtill import keys
from microtill.keys import ceremony as rite
from microtill.keys import opened, record, terminals


def _table(out, store, rows):
    for row in rows:
        out.say("%-18s %s %-5s KCV %-9s made %s%s  [%s]" % (row["key"], row["usage"], row["algorithm"], row["kcv"], row["made"],
                                                         "  retired " + row["retired"] if row["retired"] else "", store.about))


def _rows(store):
    return [row.words() for row in store.rows()]


def init(out, state, store, token, empty, tdes=False):
    made = opened.init(state, store, token, empty, tdes)
    rows = _rows(made)
    record.write(state, "init", store=made.about, keys=[{"key": row["key"], "kcv": row["kcv"]} for row in rows])
    _table(out, made, rows)
    return 0, {"store": made.about, "keys": rows}


def show(out, state):
    """Ends 1 where the record of what was done with the keys does not hold."""
    store = opened.open_store(state)
    rows, wrong = _rows(store), record.broken(state)
    _table(out, store, rows)
    if wrong:
        out.say("K06 the record of what was done with keys was altered at line %d" % wrong)
    return (1 if wrong else 0), {"store": store.about, "keys": rows, "record_broken_at": wrong}


def derive(out, state, serial):
    store = opened.open_store(state)
    answer = terminals.derived(store, serial)
    out.say("terminal %s: key id %s, initial key KCV %s (from %s), transport key KCV %s (from %s)  [%s]" % (
        serial, answer["key_id"], answer["kcv"], answer["bdk"], answer["transport_kcv"], answer["kbpk"], store.about))
    return 0, {"store": store.about, **answer}


def ceremony(out, state, name, count):
    def ask(what, hidden):
        if sys.stdin.isatty():
            return getpass.getpass(what + " (hidden): ") if hidden else input(what + ": ")
        line = sys.stdin.readline()
        if not line:
            raise keys.BadComponent("the ceremony ended before its last component")
        return line.rstrip("\n")
    store = opened.open_store(state)
    answer = rite.hold(store, state, name, count, ask, lambda text: out.say("%s  [%s]" % (text, store.about)))
    out.say("%s: KCV %s  [%s]" % (answer["key"], answer["kcv"], store.about))
    return 0, {"store": store.about, **answer}


def rotate(out, state, name):
    """A new generation beside the old one, which stays for what was made under it until it is retired; of the key for PINs under TDES, which not
    every store has, it may be the first."""
    by_hand = [one for one in keys.USES if not one.startswith("issuer-") and one != keys.TDES_RIGHT]
    if name not in by_hand:
        raise keys.NoKey("no key is called %s: one of %s" % (name, ", ".join(by_hand)))
    store = opened.open_store(state)
    before = "" if name == keys.TDES and not keys.living(store, name) else keys.newest(store, name)
    label = keys.make_tdes(store) if name == keys.TDES else store.make(name)
    row = next(row for row in store.rows() if row.label == label)
    record.write(state, "rotate", key=label, kcv=row.kcv, before=before)
    _table(out, store, [row.words()])
    return 0, {"store": store.about, "key": label, "kcv": row.kcv, "before": before}


def retire(out, state, label):
    store = opened.open_store(state)
    keys.use_of(label)
    store.retire(label)
    if keys.split(label)[0] == keys.TDES:
        store.retire(label.replace(keys.TDES, keys.TDES_RIGHT))
    row = next(row for row in store.rows() if row.label == label)
    record.write(state, "retire", key=label, kcv=row.kcv)
    _table(out, store, [row.words()])
    return 0, {"store": store.about, **row.words()}
