# test_drivers_printer.py: drivers/escpos_printer on the printer model: what is on paper, and that "printed" is only said of what is.
import sys
from pathlib import Path

import pytest
from driver_rig import PRINTER, DriverRig

sys.path.append(str(Path(__file__).resolve().parents[1] / "system"))
from drawn import needs_font  # noqa: E402


def run(script, rig=None, within_s=120, **when):
    rig = rig or DriverRig()
    for words, act in when.items():
        rig.when(words, act, rig)
    lines = "".join("    %s\n" % line for line in script.strip().split("\n"))
    return rig.run(PRINTER, "async def main():\n" + lines, within_s), rig


def test_a_receipt_is_on_paper_when_finish_says_so():
    said, rig = run("""
say(await printer.start())
await printer.align(1)
await printer.size(True, True)
await printer.write_line(b"Cafe")
await printer.size()
await printer.align(0)
await printer.bold(True)
await printer.write_line(b"Total 4.20")
await printer.bold(False)
await printer.qr(b"https://example.test/1")
await printer.barcode(b"400638133393")
await printer.cut()
say(await printer.finish(8000))
say("done")
""", done=lambda rig: rig.__dict__.update(at_done=len(rig.printer.receipts)))
    assert said == ["Status(online=True, paper='ok', cover='closed', head='ok')", "True", "done"]
    assert rig.at_done == 1
    text = rig.printer.receipts[0].text
    assert "Cafe" in text and "Total 4.20" in text and "[QR https://example.test/1]" in text and "4006381333931" in text
    assert rig.held_us < 10_000 and rig.printer.lost_bytes == 0


def test_a_roll_of_text_never_overflows_the_buffer():
    said, rig = run("""
await printer.start()
for n in range(300):
    await printer.write_line(b"line %d of a very long receipt" % n)
say(await printer.finish(60000))
""")
    assert said == ["True"]
    assert rig.printer.lost_bytes == 0 and rig.printer.idle
    assert rig.held_us < 10_000


def test_a_picture_goes_in_bands():
    said, rig = run("""
await printer.start()
await printer.picture(bytes((0x0f,)) * 48 * 200, 384)
say(await printer.finish(60000))
""")
    assert said == ["True"] and rig.printer.lost_bytes == 0
    assert rig.printer.image().height >= 200 and rig.held_us < 10_000


@pytest.mark.parametrize("fails, mends, word, state", [
    ("paper_out", "reload", "paper_out", "paper='out', cover='closed', head='ok'"),
    ("open_cover", "close_cover", "cover", "paper='ok', cover='open', head='ok'")])
def test_out_of_paper_or_open_and_back(fails, mends, word, state):
    said, rig = run("""
await printer.start()
await printer.write_line(b"first")
await printer.finish(2000)
say("fails")
await printer.write_line(b"second")
await printer.cut()
say(await tried(printer.finish(5000)))
say(await printer.status())
say("mends")
say(await printer.finish(5000))
say("done")
""", fails=lambda rig: getattr(rig.printer, fails)(), mends=lambda rig: getattr(rig.printer, mends)(),
                    done=lambda rig: rig.__dict__.update(text=rig.printer.receipts[0].text))
    assert said == ["fails", "!" + word, "Status(online=False, %s)" % state, "mends", "True", "done"]
    assert rig.text.split() == ["first", "second"]          # once each


def test_a_hot_head_is_waited_for_and_told_at_the_deadline():
    said, rig = run("""
await printer.start()
say("heat")
await printer.write_line(b"warm")
say(await tried(printer.finish(1200)))
say("cool")
say(await printer.finish(5000))
""", heat=lambda rig: rig.printer.set_head_c(70), cool=lambda rig: rig.world.after(900_000, rig.printer.set_head_c, 30))
    assert said == ["heat", "!hot", "cool", "True"]


def test_near_end_and_a_jammed_cutter_are_named():
    said, rig = run("""
await printer.start()
say("near")
say(await printer.status())
say("jam")
await printer.write_line(b"x")
say(await tried(printer.finish(900)))
""", near=lambda rig: rig.printer.near_end(), jam=lambda rig: rig.printer.jam_cutter())
    assert said == ["near", "Status(online=True, paper='near_end', cover='closed', head='ok')", "jam", "!cutter"]


def test_a_silent_printer_is_unknown_and_may_come_back():
    def swap(rig):
        rig.printer.deaf = False
        rig.printer.power_on()
    said, rig = run("""
await printer.start()
say("deaf")
say(await printer.status())
await printer.write_line(b"nobody hears")
say(await tried(printer.finish(3000)))
say("back")
say((await printer.start()).online)
await printer.write_line(b"again")
say(await printer.finish(3000))
""", deaf=lambda rig: setattr(rig.printer, "deaf", True), back=swap)
    assert said == ["deaf", "Status(online=None, paper=None, cover=None, head=None)", "!silent", "back", "True", "True"]
    assert rig.printer.sheet.text.strip() == "again"


def test_a_writer_without_room_is_told_why_and_status_still_answers():
    said, rig = run("""
await printer.start()
say("out")
async def write():
    for n in range(400):
        await printer.write_line(b"line %d of a very long receipt" % n)
say(await tried(write()))
say((await printer.status()).paper)
for n in range(300):
    state = await printer.status()
say(state.paper)
say("reload")
say((await printer.status()).paper)
say(await printer.finish(30000))
await printer.write_line(b"last")
say(await printer.finish(3000))
""", out=lambda rig: rig.printer.paper_out(), reload=lambda rig: rig.printer.reload())
    assert said == ["out", "!paper_out", "out", "out", "reload", "ok", "True", "True"]
    lines = rig.printer.sheet.text.split("\n")
    assert lines[:50] == ["line %d of a very long receipt" % n for n in range(50)] and lines[-1] == "last"
    assert rig.held_us < 10_000


def test_a_status_between_two_writers_spoils_no_command():
    said, rig = run("""
await printer.start()
async def ask():
    while True:
        await printer.status()
        await asyncio.sleep_ms(7)
asking = asyncio.create_task(ask())
for n in range(4):
    await printer.picture(bytes((0xff,)) * 48 * 24, 384)
    await printer.write_line(b"between")
say(await printer.finish(20000))
asking.cancel()
await printer.cut()
say(await printer.finish(20000))
""")
    assert said == ["True", "True"] and rig.printer.receipts[0].text.split().count("between") == 4
    assert rig.printer.lost_bytes == 0


@pytest.mark.parametrize("after_ms", [0, 3, 8, 15, 30])
def test_a_cancelled_command_still_goes_out_whole(after_ms):
    said, rig = run("""
await printer.start()
task = asyncio.create_task(printer.qr(b"https://example.test/" + b"x" * 180))
await asyncio.sleep_ms(%d)
task.cancel()
await asyncio.sleep_ms(0)
await printer.write_line(b"after")
await printer.cut()
say(await printer.finish(20000))
""" % after_ms)
    assert said == ["True"] and rig.printer.receipts[0].text.strip().split()[-1] == "after"


def test_a_printer_whose_plug_was_pulled_for_a_moment():
    said, rig = run("""
await printer.start()
say("out")
await printer.write_line(b"lost")
say(await tried(printer.finish(2000)))
say("plug")
say(await tried(printer.finish(2000)))
say((await printer.start()).paper)
await printer.write_line(b"printed")
say(await printer.finish(2000))
""", out=lambda rig: rig.printer.paper_out(), plug=lambda rig: (rig.printer.power_on(), rig.printer.reload()))
    assert said == ["out", "!paper_out", "plug", "!silent", "ok", "True"]
    assert rig.printer.sheet.text.strip() == "printed"


def test_a_writer_does_not_wait_for_ever_for_a_buffer_that_is_gone():
    said, rig = run("""
await printer.start()
say("out")
for n in range(90):
    await printer.write_line(b"line %d of a very long receipt" % n)
say("plug")
say(await tried(printer.send(bytes(2000))))
say((await printer.start()).paper, await tried(printer.write_line(b"printed")), await printer.finish(2000))
""", out=lambda rig: rig.printer.paper_out(), plug=lambda rig: (rig.printer.power_on(), rig.printer.reload()))
    assert said == ["out", "plug", "!silent", "ok None True"]


def test_a_line_in_two_scripts_and_a_bold_title():
    said, rig = run("""
await printer.start()
await printer.bold(True)
await printer.size(True, True)
await printer.spacing(60)
await printer.write_text(((True, b"\\xbd\\xbb\\xd2\\xd7"), (False, b" Caf\\xe9 "), (True, b"\\xb3\\xc9")))
await printer.spacing()
await printer.size()
await printer.write_text(((False, b"plain"),))
await printer.cut(2)
say(await printer.finish(5000))
""")
    assert said == ["True"]
    assert rig.printer.receipts[0].text.split("\n")[:2] == ["交易 Café 成", "plain"]
    assert rig.printer.receipts[0].image.height == 60 + 30 + 2 * 30


OWNER = """
await printer.start()
from till.devices.printer import Printer
class Facts:
    head_level, head_c, head_again_c = None, None, 6500
heard, facts = [], Facts()
owner = Printer(printer, lambda origin, name: heard.append(name), PrinterError, {"馆": "b9dd:00"}, facts)
owner.watched = heard.append
rows = [("title", "微"), ("line", "Café 馆 €"), ("bold", "成功\\t")]
"""


def test_the_owner_prints_what_it_has_letters_for_and_a_question_mark_for_the_rest():
    needs_font()
    said, rig = run(OWNER + """
say(await owner.print(rows), heard)
""")
    assert said == ["printed [True, False]"]
    assert [line.strip() for line in rig.printer.receipts[0].text.split("\n")][:3] == ["?", "Café 馆 €", "成功?"]


def test_a_head_too_hot_stops_before_the_next_row_and_goes_on_where_it_stopped():
    said, rig = run(OWNER + """
facts.head_level, facts.head_c = "too_hot", 7001
say(await owner.print([("line", "row %d" % n) for n in range(6)]), owner.too_hot(), owner.cool_min())
say(await owner.resume(), owner.state)
facts.head_level, facts.head_c = "hot", None
task = asyncio.create_task(owner.resume())
await asyncio.sleep_ms(400)
facts.head_level = "too_hot"
await task
say(owner.state, owner.cool_min())
facts.head_level = "cool"
say(await owner.resume())
""")
    assert said == ["hot True 1", "hot hot", "hot ?", "printed"]
    assert [receipt.text.split() for receipt in rig.printer.receipts] == [("row 0 row 1 row 2 row 3 row 4 row 5").split()]


def test_the_owner_tells_when_paper_is_out_and_when_it_prints_again():
    said, rig = run(OWNER + """
say("out")
say(await owner.print(rows))
say("in")
say(await owner.resume(), [name for name in heard if not isinstance(name, bool)])
say(await owner.print(rows), heard.count("printer_prints"))
""", out=lambda rig: rig.printer.paper_out(), **{"in": lambda rig: rig.printer.reload()})
    assert said == ["out", "paper_out", "in", "printed ['paper_out', 'printer_prints']", "printed 1"]
    assert len(rig.printer.receipts) == 2


def test_a_command_larger_than_the_printer_is_refused():
    said, _ = run("say(await tried(printer.send(bytes(3073))))")
    assert said == ["!size"]


def test_the_same_receipt_twice_gives_the_same_wire():
    def receipt():
        _, rig = run("""
await printer.start()
for n in range(60):
    await printer.write_line(b"line %d" % n)
await printer.cut()
await printer.finish(20000)
""")
        return rig.rig.trace.hexdigest(), rig.world.now
    assert receipt() == receipt()
