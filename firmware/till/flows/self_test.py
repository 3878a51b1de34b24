# self_test.py: look at every part and print what it said. Unknown is told as "no answer", never as a zero; nothing is changed by it.
from till.core import clock, log
from till.core.deadline import Deadline
from till.core.errors import TimedOut
from till.flows import common, held, known_answers
from till.secure import latch
from till.ui import receipt


async def run(till, session):
    def say(name):
        return till.words.of("PAPER", name)
    lines, failed, unknown = [], 0, 0
    for name, look in _PARTS:
        till.show("self_test", say(name))
        well, value = await look(till, session)
        failed, unknown = failed + (well is False), unknown + (well is None)
        word = say("good") if well else say("failed") if well is False else say("no_answer")
        lines.append((say(name), ("%s  %s" % (value, word)) if value else word))
        log.event("tested", session.id, name, {True: "good", False: "failed", None: "no answer"}[well], value)
    till.alarm_on_record("self_test", "%d of %d failed" % (failed, len(_PARTS)), session.id)
    verdict = say("failed" if failed else "no_answer" if unknown else "good")
    notes = ("%s %s" % (say("firmware"), till.firmware),)
    good = "%d / %d" % (len(_PARTS) - failed - unknown, len(_PARTS))
    till.show("tested", good, verdict)
    await common.on_paper(till, session, receipt.report(say("self_test"), lines, till.parameters["shop"], till.words, clock.unix(),
                                            till.parameters["shop"]["offset_min"], till.vault.label(), notes))
    await common.ended(till, session, "tested", (good, verdict), "self_test")
    after = await _altered(till, session) if till.altered() else None
    if latch.held(till):
        await held.lift(till, session)
    return after


async def _altered(till, session):
    """Somebody reads which record was altered, and says that it goes on; then what was held is looked at as after a start."""
    till.show("altered", till.altered())
    try:
        trigger = await session.wait(("enter", "cancel"), Deadline(till.parameters["waits"]["key"]))
    except TimedOut:
        return None
    if trigger.name == "cancel":
        return None
    till.record_looked_at()
    return "health", "started", "looked at"


async def _keys(till, session):
    failed = await known_answers.look(till)
    return till.vault.keyed() and not failed, failed


async def _flash(till, session):
    takes = till.on_record(till.ledger.alarm, "self_test", "begun", session.id)
    if till.altered():
        return False, "%s %d" % (till.words.of("PAPER", "altered"), till.altered())
    return takes and till.ledger.has_room(), "%d KiB" % (till.ring.room() // 1024)


async def _reader(till, session):
    await till.reader.start()
    return till.facts.reader_hears, ""


async def _printer(till, session):
    return await till.printer.answers(), ""


async def _screen(till, session):
    return till.screen.works, ""


async def _host(till, session):
    if till.facts.training:
        return None, ""                 # nobody is asked in training
    return await common.online(till, session) is None, ""


async def _battery(till, session):
    facts = till.facts
    return _level(facts.battery_level, "critical"), "" if facts.battery is None else "%d %%" % facts.battery


async def _case(till, session):
    return _level(till.facts.case_level, "too_hot"), _celsius(till.facts.case_c)


async def _head(till, session):
    return _level(till.facts.head_level, "too_hot"), _celsius(till.facts.head_c)


async def _light(till, session):
    return None if till.facts.lux is None else True, "" if till.facts.lux is None else "%d lx" % till.facts.lux


async def _fan(till, session):
    return {None: None, "stalled": False}.get(till.facts.fan, True), till.facts.fan or ""


async def _clock(till, session):
    return till.facts.clock_good, clock.readable(clock.unix())[11:]


def _level(level, bad):
    """None where it is unknown, else whether it is not the bad one."""
    return None if level is None else level != bad


def _celsius(centi):
    return "" if centi is None else "%d C" % ((centi + 50) // 100)


_PARTS = (("keys", _keys), ("flash", _flash), ("reader", _reader), ("printer", _printer), ("screen", _screen), ("host", _host),
          ("battery", _battery), ("case", _case), ("head", _head), ("light", _light), ("fan", _fan), ("rtc", _clock))
