# test_printer.py: the receipt printer's driver on the bench's printer: "printed" is said of what is on paper, and of nothing else.
from check import ask, fails, measure

import board

needs = ("printer",)


async def test_a_receipt_is_on_paper_when_it_says_so():
    printer = board.printer()
    assert (await printer.start()).paper == "ok"
    await printer.write_line(b"Total 12.50 EUR")
    await printer.cut()
    assert await printer.finish(8000)
    assert "Total 12.50 EUR" in ask("printer reads")


async def test_paper_that_ends_is_named_and_the_line_prints_once_there_is_more():
    printer = board.printer()
    await printer.start()
    ask("printer paper_out")
    await printer.write_line(b"second")
    assert (await fails(board.printer_error, printer.finish(3000))).code == "paper_out"
    ask("printer reload")
    assert await printer.finish(8000)
    assert ask("printer reads").split() == ["second"]


async def test_an_open_cover_is_named():
    printer = board.printer()
    await printer.start()
    ask("printer open_cover")
    assert (await printer.status()).cover == "open"
    ask("printer close_cover")
    assert (await printer.status()).cover == "closed"


async def test_a_long_receipt_loses_no_line():
    printer = board.printer()
    await printer.start()
    for n in range(120):
        await printer.write_line(b"row %d" % n)
    assert await printer.finish(60000)
    lines = [line for line in ask("printer reads").split("\n") if line]
    measure("lines on paper", len(lines), "", 120, 120)
