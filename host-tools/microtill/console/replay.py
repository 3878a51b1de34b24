# replay.py: a recording done again on a fresh terminal in stepped time, and where it came out otherwise. On another target than it was made on
# (elsewhere.py) no moment is compared. BadRecording where it cannot be read or asks for what no bench can do.
import datetime

from microtill.console import reads, recording
from microtill.console.acts import Acts
from microtill.console.elsewhere import Paced, aligned
from microtill.console.recording import BadRecording
from microtill.console.session import Refused, Session

_WHAT = (("screens", "screen"), ("receipts", "receipt"), ("journal", "journal record"))
_MOST_DAYS = 400                        # of the world's time in one recording


class Player:
    """One run of a recording: `refused` is [(at_us, words)] of acts that this terminal did not take. `seen_us`: the times of its screens."""

    def __init__(self, head, entries, seen_us=()):
        try:
            began, seed, self._until = datetime.datetime.fromisoformat(head["began"]), head["seed"], (head["ended_us"], head["ended_op"])
            if began.tzinfo is None or not isinstance(seed, int) or not 0 <= self._until[0] <= _MOST_DAYS * 86_400_000_000 or self._until[1] < 0:
                raise ValueError("began, seed or ended_us")
        except (KeyError, TypeError, ValueError) as bad:
            raise BadRecording("line 1: %s" % bad) from bad
        self.session = Session(None, seed=seed, began=began, real=False)
        self.acts, self.refused, self.snapshot, self._seen_us = Acts(self.session), [], None, seen_us
        self.elsewhere = head.get("target") != self.session.bench.target.name
        self._plan = [each[1:] for each in sorted((each for entry in entries for each in self._of(entry)), key=lambda each: each[0])]

    def _of(self, entry):
        """[(number, moment, act)] of one line."""
        try:
            if entry["act"] == "pin":
                card = entry["card"]
                person = self.session.bench.wallet.person(card) if card else None
                return [self._planned(self.acts.key_again, **key) for key in recording.keys_of(entry, person)]
            act = {"key": self.acts.key_again, "tap": self.acts.tap, "fault": self.acts.fault, "environment": self.acts.environment,
                   "tear": self.acts.tear, "settings": self.acts.settings}[entry["act"]]
            return [self._planned(act, **{name: value for name, value in entry.items() if name != "act"})]
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as bad:
            raise BadRecording("the act at %s us: %s %s" % (entry["at_us"], type(bad).__name__, bad)) from bad

    def _planned(self, act, n, at_us, op, **more):
        def do():
            try:
                act(**more)
            except Refused as refused:
                self.refused.append((at_us, str(refused)))
            except TypeError as bad:
                self.refused.append((at_us, str(bad)))
        return n, (at_us, op), do

    def play(self):
        """Do it all. Returns what recording.result gives."""
        session = self.session
        try:
            if self.elsewhere:
                acts = [(moment[0], act) for moment, act in self._plan]
                session.replay([((0, 0), Paced(session, acts, self._seen_us, self._until[0], self._finish).begin)])
            else:
                session.replay([*self._plan, (self._until, self._keep)], self._until)
        finally:
            session.close()
        return recording.result(self.snapshot, reads.journal(self.snapshot["flash"]))

    def _keep(self):
        self.snapshot = self.session.recorder.snapshot()

    def _finish(self):
        self._keep()
        self.session.end()


def play(text):
    """{"same", "first_difference", "screens", "receipts", "journal", "acts", "refused", "target"} of a recording's text. Raises BadRecording."""
    head, entries, recorded = recording.read(text)
    player = Player(head, entries, [row[0] for row in recorded["screens"]])
    if player.elsewhere and "plain" not in recorded:
        player.session.close()
        raise BadRecording("the last line: no \"plain\": it was made before recordings could be played on another target than their own")
    played = player.play()
    first = first_difference(*(_plain(recorded, played) if player.elsewhere else (recorded, played)), player.refused)
    return {"same": first is None, "first_difference": first, "acts": len(entries), "refused": len(player.refused),
            "target": player.session.bench.target.name, **{name: len(played[name]) for name, _word in _WHAT}}


def _plain(*results):
    """Two results whose hashes are the plain ones, each with its own time, what one of them may miss left out."""
    timed = [{**told["plain"], **{name: [[row[0], mark] for row, mark in zip(told[name], told["plain"][name], strict=False)]
                                  for name in ("screens", "receipts")}} for told in results]
    for told, screens in zip(timed, aligned(*(told["screens"] for told in timed)), strict=True):
        told["screens"] = screens
    return timed


def first_difference(recorded, played, refused=()):
    """Where two results part, earliest first: {"what", "recorded", "played", "at_us"}, or None."""
    found = [{"what": "an act was refused", "recorded": "done", "played": words, "at_us": at_us} for at_us, words in refused[:1]]
    for name, word in _WHAT:
        was, now = recorded[name], played[name]
        at = next((at for at in range(max(len(was), len(now))) if _hash(_at(was, at)) != _hash(_at(now, at))), None)
        if at is not None:
            times = [each[0] for each in (_at(was, at), _at(now, at)) if isinstance(each, list)]
            found.append({"what": "%s %d" % (word, at + 1), "recorded": _hash(_at(was, at)), "played": _hash(_at(now, at)),
                          "at_us": min(times, default=None)})
    return min(found, key=lambda each: (each["at_us"] is None, each["at_us"] or 0), default=None)


def _at(rows, at):
    return rows[at] if at < len(rows) else None


def _hash(row):
    """The hash of a screen or receipt without its time; None: there is no such one."""
    return row[1] if isinstance(row, list) else row
