# clock.py: sent to a board's prompt by the doctor, after walk.py: put the clock right, and on the terminal's audit what it said before, as its admin
# line does. A clock that cannot be set is found by the walk.
def put_right(unix):
    from till.build import _AUDIT
    from till.core.clock import readable
    from till.secure.audit import Audit
    chip, was = board.rtc(), None           # noqa: F821 (walk.py has it)
    try:
        was = chip.read()
    except board.sense_errors:              # noqa: F821
        pass
    try:
        chip.set(unix)
    except board.sense_errors:              # noqa: F821
        return
    audit = Audit(board.flash(), _AUDIT, board.device_key())            # noqa: F821
    audit.note("security", "clock_set", "unknown" if was is None else readable(was), "to", readable(unix), "by the doctor")
