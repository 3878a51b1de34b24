# alarms.py: what is wrong now, as a table: each alarm has a level, and ends when its cause ends. Lights, tones and the ready screen follow it.
NOTICE, WARNING, CRITICAL = "notice", "warning", "critical"
_ORDER = (NOTICE, WARNING, CRITICAL)
_BATTERY, _CASE, _HEAD = ("battery_low", "battery_critical"), ("case_warm", "case_hot", "case_too_hot"), ("head_hot", "head_too_hot")

TABLE = {
    # trigger: (level of the alarm that begins, or "" where none does; alarms that it ends)
    "battery_low": (WARNING, _BATTERY), "battery_critical": (CRITICAL, _BATTERY), "battery_fine": ("", _BATTERY),
    "mains_lost": (NOTICE, ()), "mains_back": ("", ("mains_lost",)),
    "case_warm": (NOTICE, _CASE), "case_hot": (WARNING, _CASE), "case_too_hot": (CRITICAL, _CASE), "case_cool": ("", _CASE),
    "head_hot": (NOTICE, _HEAD), "head_too_hot": (WARNING, _HEAD), "head_cool": ("", _HEAD),
    "fan_stalled": (WARNING, ()), "fan_turns": ("", ("fan_stalled",)),
    "sense_lost": (NOTICE, ()), "sense_back": ("", ("sense_lost",)),        # one for each sensor
    "paper_out": (WARNING, ("printer_silent",)), "printer_silent": (WARNING, ()), "printer_prints": ("", ("paper_out", "printer_silent")),
    "reader_deaf": (CRITICAL, ()), "reader_heard": ("", ("reader_deaf",)),
    "key_stuck": (WARNING, ()), "key_free": ("", ("key_stuck",)),
    "screen_dead": (CRITICAL, ()), "screen_back": ("", ("screen_dead",)),
    "link_second": (NOTICE, ()), "link_first": ("", ("link_second",)),
    "owed_long": (WARNING, ()), "settled": ("", ("owed_long",)),
    "flash_failed": (CRITICAL, ()),                                         # a start ends it
    "task_died": (WARNING, ()), "wrong_mac": (WARNING, ()),                 # these pass: see _PASSING_MS
    "record_altered": (CRITICAL, ()), "record_looked_at": ("", ("record_altered",)),
    "crypto_failed": (CRITICAL, ()),                                        # a start that finds all well ends it
    "clock_jumped": (CRITICAL, ()), "clock_back": ("", ("clock_jumped",)),
    "clock_behind": (CRITICAL, ()), "clock_caught_up": ("", ("clock_behind",)),
    "case_opened": (CRITICAL, ()), "case_closed": ("", ("case_opened",)),
    "light_odd": (CRITICAL, ()), "light_fine": ("", ("light_odd",)),
    "temperature_odd": (CRITICAL, ()), "temperature_fine": ("", ("temperature_odd",)),
    "voltage_odd": (CRITICAL, ()), "voltage_fine": ("", ("voltage_odd",)),
    "macs_wrong": (CRITICAL, ()), "keys_worn": (CRITICAL, ()), "lifted": ("", ("macs_wrong", "keys_worn", "clock_behind")),
    "velocity": (WARNING, ()), "tries_used": (WARNING, ()),                 # these pass as well
    "safe_stop": (CRITICAL, ()),
}
# no trigger tells their end: they stand for so long after the last one
_PASSING_MS = {"task_died": 60_000, "wrong_mac": 60_000, "velocity": 60_000, "tries_used": 60_000}
_EACH = ("sense_lost",)         # alarms that are told apart by their data


class Alarms:
    """`record(name, word, trigger id)` puts a turn on record; `changed(began level or "")` tells lights and tones. `active`: {key: level}."""

    def __init__(self, record, changed):
        self._record, self._changed = record, changed
        self.active, self._newest = {}, {}      # newest: the trigger that told last of an alarm that passes

    def heard(self, name, data, trigger_id):
        """A trigger of the table: alarms begin and end by it. True where anything did."""
        level, ended = TABLE[name]
        if name in _PASSING_MS:
            self._newest[name] = trigger_id
        keep = self._key(name, data) if level else ""
        moved = False
        for key in [key for key in self.active if key != keep and self._ends(key, ended, data)]:
            del self.active[key]
            self._record(key, "ended", trigger_id)
            moved = True
        began = level if level and keep not in self.active else ""
        if began:
            self.active[keep] = level
            self._record(keep, ("%s %s" % (level, data)) if data is not None and keep == name else level, trigger_id)
        if moved or began:
            self._changed(began)
        return moved or bool(began)

    def passes_ms(self, name):
        """How long an alarm stands whose end nobody tells; 0 for all others."""
        return _PASSING_MS.get(name, 0)

    def end(self, name, trigger_id):
        """The time of one that passes is over, unless another trigger has told of it since."""
        if self._newest.get(name) == trigger_id and self.active.pop(name, None):
            self._record(name, "ended", trigger_id)
            self._changed("")

    def _key(self, name, data):
        return "%s %s" % (name, data) if name in _EACH else name

    def _ends(self, key, ended, data):
        name, _space, which = key.partition(" ")
        return name in ended and (not which or which == data)

    def level(self):
        """The worst level that is active, or ""."""
        return max(self.active.values(), key=_ORDER.index) if self.active else ""

    def worst(self):
        """The name of the most urgent alarm, without its data, or ""."""
        keys = sorted(self.active, key=lambda key: (-_ORDER.index(self.active[key]), key))
        return keys[0].partition(" ")[0] if keys else ""
