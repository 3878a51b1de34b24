# errors.py: what can go wrong, as codes. An error holds a code and at most a short word, never data.


class TillError(Exception):
    """The root of every typed error; `code` is what a person, a log and a test see."""
    code = "E00"


class Malformed(TillError):
    """Bytes from outside that break their format; args[0] is a short word ("short", "digits"), never the bytes."""
    code = "P01"


class TimedOut(TillError):
    """A deadline passed."""
    code = "T01"


class StorageFault(TillError):
    """Flash did not hold what was programmed, or was asked for what it cannot; args[0] is a short word."""
    code = "F01"


class JournalFull(TillError):
    """Every sector still holds something open."""
    code = "F02"


class LinkLost(TillError):
    """No connection to the host, or it broke."""
    code = "N01"


class WrongAnswer(TillError):
    """An answer that is not to what we asked; args[0] names the field."""
    code = "N02"


class NotKeyed(TillError):
    """No keys: the terminal was never provisioned."""
    code = "S01"


class Interrupted(TillError):
    """Something more urgent ended the session at a safe point; args[0] is its reason."""
    code = "T02"


class WrongMac(TillError):
    """A MAC that differs; the message is dropped unread."""
    code = "S04"


class WornOut(TillError):
    """No counter is left, or this one may key nothing: provision anew."""
    code = "S05"
