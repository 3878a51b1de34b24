# image.py: what came of an application image: one on trial that is well at rest is confirmed, and starts from now on; one that was not well, or did
# not live to say so, has had its one start. Known answers, recovery, flash and every task must be good.
import asyncio

from till.admin import signed
from till.core import log
from till.update import images, manifest

_REST_MS, _STEP_MS, _LONGEST_MS = 5_000, 250, 600_000           # at rest for so long; how long a trial lasts at most
_SERVED_MS = 60_000


async def run(till, session):
    word, version = session.trigger.data, till.image[2]
    if word == "tried":
        if not await _well(till):
            till.audited("update", "not well", images.NAMES[till.image[0]], version)
            till.alarm_on_record("image", "not well", session.id)
            return await _leave(till)
        _confirm(till, version)
        word = "confirmed"
    else:
        till.alarm_on_record("image", word, session.id)
        till.audited("update", word, version)
        record = images.Record(till.flash).read()
        if record.phase == images.BACK:
            record.write(record.starts, images.BASE, images.QUIET)
    log.event("image", session.id, word, version)


async def _well(till):
    """Has it been at rest for a while, with nothing wrong?"""
    rest = 0
    for _ in range(_LONGEST_MS // _STEP_MS):
        await asyncio.sleep_ms(_STEP_MS)
        facts = till.facts
        if facts.locked or till.deaths:
            return False
        rest = rest + _STEP_MS if facts.recovered and facts.flash_holds and not till.engine.front else 0
        if rest >= _REST_MS:
            return True
    return False


async def _leave(till):
    """Start again, which leads back. Whoever is served has a minute."""
    for _ in range(_SERVED_MS // _STEP_MS):
        if not till.engine.front:
            break
        await asyncio.sleep_ms(_STEP_MS)
    till.restart()


def _confirm(till, version):
    """It starts from now on, and no version below its floor comes in any more."""
    record = images.Record(till.flash).read()
    record.write(record.trial, images.BASE, images.QUIET)
    known = signed.floors(till.vault)
    if till.image[3] > known.get(manifest.IMAGE, 0):
        signed.raise_floor(till.vault, known, manifest.IMAGE, till.image[3])
    till.audited("update", "confirmed", images.NAMES[record.starts], version)

