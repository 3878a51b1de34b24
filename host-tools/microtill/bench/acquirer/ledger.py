# ledger.py: the bank's books in SQLite, synced at every commit. One message, one transaction: a crash leaves all of its effect, or none.
import sqlite3
from contextlib import contextmanager

_TABLES = """
CREATE TABLE IF NOT EXISTS terminals (
    ikid BLOB PRIMARY KEY, terminal TEXT NOT NULL, merchant TEXT NOT NULL, counter INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS tdes (ikid BLOB PRIMARY KEY, counter INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS accounts (
    account TEXT PRIMARY KEY, product TEXT NOT NULL, psn TEXT NOT NULL, expiry TEXT NOT NULL, status TEXT NOT NULL,
    balance INTEGER NOT NULL, pin BLOB NOT NULL, tries INTEGER NOT NULL DEFAULT 0, atc INTEGER NOT NULL DEFAULT 0,
    spoiled INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, terminal TEXT NOT NULL, merchant TEXT NOT NULL, stan TEXT NOT NULL, sent TEXT NOT NULL,
    mti TEXT NOT NULL, kind TEXT NOT NULL, local_date TEXT, local_time TEXT, amount INTEGER, currency TEXT, pan TEXT, account TEXT,
    response TEXT NOT NULL, auth_code TEXT, rrn TEXT, trigger_id TEXT, ikid BLOB NOT NULL, counter INTEGER NOT NULL, digest BLOB NOT NULL,
    answer BLOB NOT NULL, original INTEGER REFERENCES entries (id), reversed INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL,
    UNIQUE (terminal, merchant, stan, sent));
CREATE INDEX IF NOT EXISTS entries_counter ON entries (ikid, counter);
CREATE INDEX IF NOT EXISTS entries_original ON entries (original);
CREATE INDEX IF NOT EXISTS entries_stan ON entries (stan);
CREATE TABLE IF NOT EXISTS forbidden (terminal TEXT, merchant TEXT, stan TEXT, sent TEXT, PRIMARY KEY (terminal, merchant, stan, sent));
CREATE TABLE IF NOT EXISTS settlements (
    entry INTEGER PRIMARY KEY REFERENCES entries (id), terminal TEXT NOT NULL, merchant TEXT NOT NULL, batch TEXT NOT NULL,
    closed INTEGER NOT NULL, said TEXT NOT NULL, held TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS misbooked (entry INTEGER PRIMARY KEY REFERENCES entries (id), amount INTEGER);
CREATE TABLE IF NOT EXISTS sequence (last INTEGER NOT NULL);
INSERT INTO sequence SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM sequence);
"""
_KEY = "terminal = ? AND merchant = ? AND stan = ? AND sent = ?"
_UNDOING = "SELECT COALESCE(SUM(amount), 0) FROM entries WHERE original = ? AND kind = ? AND response = '00' AND NOT reversed"

_STANDING = "terminal = ? AND merchant = ? AND mti = '0200' AND response = '00' AND NOT reversed"


class Ledger:
    """Rows in, rows out; what they mean is the bank's business. `path` may be ":memory:". Amounts are minor units."""

    def __init__(self, path):
        self._db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)

    def close(self):
        self._db.close()

    @contextmanager
    def transaction(self):
        """Everything inside is kept and synced at its end, or none of it where an exception leaves it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # terminals
    def enrol(self, ikid, terminal, merchant):
        self._db.execute("INSERT INTO terminals (ikid, terminal, merchant) VALUES (?, ?, ?) ON CONFLICT (ikid) DO UPDATE "
                         "SET terminal = excluded.terminal, merchant = excluded.merchant", (ikid, terminal, merchant))

    def terminal(self, ikid):
        return self._db.execute("SELECT * FROM terminals WHERE ikid = ?", (ikid,)).fetchone()

    def saw_counter(self, ikid, counter):
        self._db.execute("UPDATE terminals SET counter = MAX(counter, ?) WHERE ikid = ?", (counter, ikid))

    def counter_used(self, ikid, counter):
        return self._db.execute("SELECT 1 FROM entries WHERE ikid = ? AND counter = ?", (ikid, counter)).fetchone() is not None

    def allow_tdes(self, ikid):
        """From now on this terminal may send PIN blocks under TDES."""
        self._db.execute("INSERT OR IGNORE INTO tdes (ikid) VALUES (?)", (ikid,))

    def tdes_counter(self, ikid):
        """The newest counter of such a block, 0 before the first; None where the terminal may send none."""
        row = self._db.execute("SELECT counter FROM tdes WHERE ikid = ?", (ikid,)).fetchone()
        return None if row is None else row["counter"]

    def saw_tdes_counter(self, ikid, counter):
        self._db.execute("UPDATE tdes SET counter = ? WHERE ikid = ?", (counter, ikid))

    # accounts
    def seed(self, account, product, psn, expiry, status, balance, pin):
        self._db.execute("INSERT INTO accounts (account, product, psn, expiry, status, balance, pin) VALUES (?, ?, ?, ?, ?, ?, ?) "
                         "ON CONFLICT DO NOTHING", (account, product, psn, expiry, status, balance, pin))

    def account(self, account):
        return self._db.execute("SELECT * FROM accounts WHERE account = ?", (account,)).fetchone()

    def set_tries(self, account, tries):
        self._db.execute("UPDATE accounts SET tries = ? WHERE account = ?", (tries, account))

    def set_atc(self, account, atc):
        self._db.execute("UPDATE accounts SET atc = ? WHERE account = ?", (atc, account))

    def set_spoiled(self, account, spoiled):
        self._db.execute("UPDATE accounts SET spoiled = ? WHERE account = ?", (spoiled, account))

    def move(self, account, minor):
        """Adds `minor` (may be negative) to the account's balance."""
        self._db.execute("UPDATE accounts SET balance = balance + ? WHERE account = ?", (minor, account))

    # entries
    def next_number(self):
        self._db.execute("UPDATE sequence SET last = last + 1")
        return self._db.execute("SELECT last FROM sequence").fetchone()[0]

    def entry(self, key):
        """The entry under one idempotency key (fields 41, 42, 11, 7), or None."""
        return self._db.execute(f"SELECT * FROM entries WHERE {_KEY}", key).fetchone()

    def entry_by_id(self, entry_id):
        return self._db.execute("SELECT * FROM entries WHERE id = ?", (entry_id,)).fetchone()

    def add(self, row):
        """Returns the id of the new entry."""
        names = ", ".join(row)
        return self._db.execute(f"INSERT INTO entries ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())).lastrowid

    def mark_reversed(self, entry_id):
        self._db.execute("UPDATE entries SET reversed = 1 WHERE id = ?", (entry_id,))

    def forbid(self, key):
        """A reversal came for a payment that never did: the payment is to be declined when it comes."""
        self._db.execute("INSERT OR IGNORE INTO forbidden VALUES (?, ?, ?, ?)", key)

    def forbidden(self, key):
        return self._db.execute(f"SELECT 1 FROM forbidden WHERE {_KEY}", key).fetchone() is not None

    def undone(self, entry_id, kind):
        """Sum of the standing voids or refunds (`kind`) of one sale."""
        return self._db.execute(_UNDOING, (entry_id, kind)).fetchone()[0]

    def entries(self, stan=None):
        """Entries in the order they came; those of one STAN where it is given."""
        where, values = ("WHERE stan = ?", (stan,)) if stan is not None else ("", ())
        return self._db.execute(f"SELECT * FROM entries {where} ORDER BY id", values).fetchall()

    # batches
    def batch(self, terminal, merchant, number):
        """[(kind, count, minor units)] of what stands since a batch of another number was closed: the open batch, or the last one again."""
        since = self._db.execute("SELECT COALESCE(MAX(entry), 0) FROM settlements WHERE terminal = ? AND merchant = ? AND closed AND batch != ?",
                                 (terminal, merchant, number)).fetchone()[0]
        rows = self._db.execute(
            "SELECT kind, COUNT(*), SUM(CASE WHEN misbooked.entry IS NULL THEN entries.amount ELSE misbooked.amount END) FROM entries "
            f"LEFT JOIN misbooked ON misbooked.entry = entries.id WHERE {_STANDING} AND id > ? "
            "AND (misbooked.entry IS NULL OR misbooked.amount IS NOT NULL) GROUP BY kind", (terminal, merchant, since))
        return [tuple(row) for row in rows]

    def misbook(self, amount):
        """From now on the newest standing payment counts in its batch with this amount, None: not at all. Its entry stays as it was."""
        self._db.execute("INSERT OR REPLACE INTO misbooked SELECT MAX(id), ? FROM entries WHERE mti = '0200' AND response = '00' AND NOT reversed",
                         (amount,))

    def booked(self, entry_id):
        """(is it in its batch, with which amount) of one payment."""
        row = self._db.execute("SELECT amount FROM misbooked WHERE entry = ?", (entry_id,)).fetchone()
        amount = self.entry_by_id(entry_id)["amount"] if row is None else row["amount"]
        return amount is not None, amount

    def add_settlement(self, row):
        names = ", ".join(row)
        self._db.execute(f"INSERT INTO settlements ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))

    def settlement(self, entry_id):
        return self._db.execute("SELECT * FROM settlements WHERE entry = ?", (entry_id,)).fetchone()
