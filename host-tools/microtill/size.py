# size.py: what the firmware takes of a board's memory: flash and static RAM from the linker's map, heap and stack from the board itself while it
# does every flow. Held to boards/<board>/budget.toml, and told beside what the last commit had. Ends 1 past the budget.
import json
import re
import subprocess
import sys
import tomllib

from microtill import frozen, sweep
from microtill.bench.firmware import ROOT
from microtill.bench.qemu import Qemu
from microtill.bench.rig import ASK_MEMORY
from microtill.torture.flows import MENU, SCENES, Errand, Flow
from microtill.torture.scene import Scene

BOARD = "qemu_stm32"
_RECORD = "boards/%s/size.json" % BOARD         # what the last commit had
_IDLE_MS = 30_000
_SALE = Errand("1250D", card="visa-pin")
_ONE = Errand("300D", card="mc")


def _menu(*screens, **answers):
    return Errand(MENU, {"menu": screens[0], **answers})


# Every flow that a person can begin, and those that begin by themselves on the way: name -> what happens.
FLOWS = {
    "sale": Flow(_SALE), "sale, a long record": Flow(Errand("1250D", card="phone")), "kiosk": SCENES["kiosk"], "refund": SCENES["refund"],
    "void": SCENES["void"], "no answer, reversal": SCENES["silent"], "settle": SCENES["settle"], "settle, upload": SCENES["upload"],
    "declined": Flow(Errand("1250D", card="no-funds")), "reprint": Flow(_menu("3"), (_ONE,)), "x totals": Flow(_menu("4"), (_ONE,)),
    "z totals": Flow(_menu("5"), (_ONE,)), "settings": Flow(_ONE, owner={"sale": {"tips": [5, 10]}}), "self test": Flow(_menu("8")),
    "training": Flow(_menu("7")), "recovery": Flow(_SALE),
}
_CUT = {"recovery": 4}                  # the flash operation at which power goes


class Gauge:
    """Least free heap, least largest piece and most stack since `begin`, of a bench's board."""

    def __init__(self, bench):
        bench.gauges, bench.on_memory = ASK_MEMORY, self._see
        self.begin()

    def begin(self):
        self.free = self.largest = 1 << 30
        self.stack, self.now = 0, None

    def _see(self, free, largest, stack):
        self.now = free
        self.free, self.largest, self.stack = min(self.free, free), min(self.largest, largest), max(self.stack, stack)


def measure(image, target=None, flows=FLOWS, say=print):
    """{"idle": bytes free, "stack": bytes, "flows": {name: {"free":, "largest":}}}."""
    found = {"flows": {}, "stack": 0}
    for name, flow in flows.items():
        scene = Scene(name, image, target=target or Qemu(), flow=flow)
        gauge = Gauge(scene.bench)
        scene.prepare()
        scene.bench.run(lambda: False, _IDLE_MS)
        found["idle"] = min(found.get("idle", gauge.now), gauge.now)
        gauge.begin()
        if name in _CUT:
            scene.bench.flash.cut = (_CUT[name], 0.5)
        scene.play().quiet()
        found["flows"][name] = {"free": gauge.free, "largest": gauge.largest}
        found["stack"] = max(found["stack"], gauge.stack)
        say("%-22s %6d free, largest %6d" % (name, gauge.free, gauge.largest))
        scene.close()
    return found


def sections(elf):
    """{section: bytes} of the linker's map beside the firmware."""
    text = elf.with_suffix(".map").read_text()
    return {name: int(size, 16) for name, size in re.findall(r"^\.(text|data|bss|linked)\s+0x\w+\s+(0x\w+)", text, re.M)}


def rows(budget, parts, found):
    """[(what, figure, limit, "most" or "least")]."""
    out = [("flash.firmware", parts["text"] + parts["data"], budget["flash"]["firmware"], "most"),
           ("flash.linked", parts["linked"], budget["flash"]["linked"], "most"),
           ("ram.static", parts["data"] + parts["bss"], budget["ram"]["static"], "most"),
           ("ram.stack", found["stack"], budget["ram"]["stack"], "most"), ("heap.idle_free", found["idle"], budget["heap"]["idle_free"], "least")]
    for name, seen in found["flows"].items():
        out.append(("heap.free: " + name, seen["free"], budget["heap"]["flow_free"], "least"))
        out.append(("heap.largest: " + name, seen["largest"], budget["heap"]["flow_largest"], "least"))
    return out


def within(figure, limit, kind):
    return figure <= limit if kind == "most" else figure >= limit


def before():
    """{what: figure} of the last commit, or {}."""
    done = subprocess.run(["git", "show", "HEAD:" + _RECORD], cwd=ROOT, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def main():
    elf = frozen.build(BOARD)
    budget = tomllib.loads((ROOT / "boards" / BOARD / "budget.toml").read_text())
    table = rows(budget, sections(elf), measure(sweep.keyed_image(), say=lambda line: None))
    old = before()
    print("%-36s %8s %8s %8s" % (BOARD, "bytes", "budget", "change"))
    for what, figure, limit, kind in table:
        change = "%+d" % (figure - old[what]) if what in old else ""
        print("%-36s %8d %8d %8s%s" % (what, figure, limit, change, "" if within(figure, limit, kind) else "   past the budget"))
    good = all(within(*row[1:]) for row in table)
    (ROOT / "build").mkdir(exist_ok=True)
    told = [{"name": what, "bytes": figure, "budget": limit, "met": within(figure, limit, kind)} for what, figure, limit, kind in table]
    (ROOT / "build" / "size.json").write_text(json.dumps({BOARD: told}, indent=1))
    (ROOT / _RECORD).write_text(json.dumps({what: figure for what, figure, _limit, _kind in table}, indent=1) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
