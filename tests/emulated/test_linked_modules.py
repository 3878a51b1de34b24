# test_linked_modules.py: modules that were imported when the firmware was built: they cost no heap, what is constant of them cannot be changed,
# what is not can, and each start begins afresh.
import pytest

from microtill import prelink
from microtill.bench.bench import Bench
from microtill.bench.qemu import Qemu

SAYS = """
import bus
def say(*words):
    bus.note(" ".join(str(word) for word in words))
"""


def said(script):
    """What a script on the board notes, line by line."""
    bench, target = Bench(None, target=Qemu(script=SAYS + script + "\nbus.end()\n")), None
    notes = bench.rig.notes
    bench.start()
    bench.rig.alive = lambda: True
    with pytest.raises(Exception, match="0"):       # rig.Ended(0): the script is through
        bench.rig.serve(bench.channel)
    bench.close()
    del target
    return notes


def test_an_import_takes_no_heap():
    [cost] = said("""
import gc
gc.collect()
before = gc.mem_alloc()
from till.cards.emv import c2, c3, entry
from till.flows import sale, settle, void
from till.store import settings
gc.collect()
say(gc.mem_alloc() - before)
""")
    assert int(cost) <= 64


def test_a_constant_of_a_module_cannot_be_changed():
    assert said("""
from till.triggers import rules
for act in ("rules.BY_TRIGGER['x'] = ()", "rules.NEW = 1", "rules.BY_TRIGGER.clear()", "rules.BY_TRIGGER.pop(('customer', 'digit'))"):
    try:
        exec(act)
        say("changed by", act)
    except (TypeError, AttributeError) as error:
        say(type(error).__name__)
say(len(rules.BY_TRIGGER) > 40)
""")[-1] == "True"


def test_what_changes_is_changed_for_this_life_alone():
    script = """
from till.core import log
heard = []
say(log._tell is None)
log.listen(lambda *words: heard.append(words))
log.event("x", "", "y")
say(len(heard))
"""
    assert said(script) == said(script) == ["False", "1"] or said(script)[1] == "1"


def test_names_in_capitals_are_constants():
    assert prelink.constant_name("RULES") and prelink.constant_name("_TABLE") and not prelink.constant_name("_handlers")
    assert not prelink.constant_name("Flag")


def test_modules_that_assign_to_globals_keep_them_in_the_heap():
    found = prelink.changing_modules([("a.b", "x = 1\ndef f():\n    global x\n    x = 2\n"), ("a.c", "Y = 1\n")])
    assert found == {"a", "a.b"}
