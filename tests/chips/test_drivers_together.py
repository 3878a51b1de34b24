# test_drivers_together.py: the five busiest drivers at work at once: the loop is never held, a run repeats to the bit; their packages are whole.
import ast
import json

import pytest
from driver_rig import FLASH, KEYPAD, PRINTER, READER, SCREEN, DriverRig

from microtill.bench.firmware import ROOT

DRIVERS = sorted(path.name for path in (ROOT / "drivers").iterdir() if (path / "package.json").exists())
MS = 1000


class Card:
    uid, atqa, sak, ats = b"\x04\x01\x02\x03\x04\x05\x06", b"\x00\x04", 0x20, bytes.fromhex("0B7880A102312054455354")

    def power_on(self):
        """It keeps nothing."""

    def apdu(self, command):
        return bytes(command) + b"\x90\x00", 17_000


def all_at_once(seed):
    rig = DriverRig(seed)

    def people():
        rig.world.after(30 * MS, rig.reader.present, Card())
        for i, key in enumerate((0, 5, 10, 13, 15)):
            rig.world.after((40 + 80 * i) * MS, rig.keypad.press, key, 40 * MS)
    rig.when("go", people)
    said = rig.run(READER + FLASH + KEYPAD + SCREEN + PRINTER, """
async def keys():
    found = []
    while len(found) < 5:
        found.append(await pad.index())
    return found

async def tap():
    await reader.configure()
    await reader.set_rate(921600)
    card = await reader.find(5000)
    for n in range(10):
        await reader.exchange(bytes(20 * n + 5))
    await reader.release()
    await reader.field(False)
    return card.uid.hex()

async def journal():
    for n in range(20):
        flash.program(0x1000 + 128 * n, bytes(96))
        await asyncio.sleep_ms(13)
    await flash.erase(0x8000)
    return flash.programs

async def draw():
    await screen.start()
    for n in range(12):
        screen.frame.fill(n & 1)
        screen.frame.text("%d" % n, 3, 5 * n % 60, 1 - (n & 1))
        screen.mark()
        await screen.flush()
    return screen.pages_sent

async def receipt():
    await printer.start()
    for n in range(40):
        await printer.write_line(b"line %d" % n)
    await printer.qr(b"https://example.test/" + b"7" * 60)
    await printer.cut()
    return await printer.finish(30000)

async def main():
    say("go")
    for done in await asyncio.gather(*[asyncio.create_task(job()) for job in (keys, tap, journal, draw, receipt)]):
        say(done)
""")
    return said, rig


def test_all_at_once_without_holding_the_loop():
    said, rig = all_at_once(1)
    assert said == ["go", "[0, 5, 10, 13, 15]", "04010203040506", "20", "97", "True"]
    assert rig.held_us < 10_000


def test_the_same_seed_gives_the_same_wire_and_another_does_not():
    traces = [all_at_once(seed)[1].rig.trace.hexdigest() for seed in (3, 3, 4)]
    assert traces[0] == traces[1] != traces[2]


@pytest.mark.parametrize("name", DRIVERS)
def test_a_package_lists_its_files_and_an_example_that_parses(name):
    folder = ROOT / "drivers" / name
    listed = json.loads((folder / "package.json").read_text())["urls"]
    files = {path.name for path in folder.glob("*.py")} - {"example.py"}
    assert {source for _, source in listed} == files
    assert all(target == f"{name}/{source}" for target, source in listed)
    ast.parse((folder / "example.py").read_text())


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_imports_nothing_of_ours(name):
    allowed = {name, "asyncio", "time", "collections", "framebuf", "machine", "math", "micropython", "sys"}
    for path in (ROOT / "drivers" / name).glob("*.py"):
        if path.name == "example.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert {module.split(".")[0] for module in modules} <= allowed, path
