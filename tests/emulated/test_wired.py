# test_wired.py: reader, printer, modem and keypad on the real USARTs and pins of the emulated chip, in real time: the port's own drivers run.
import subprocess
import sys

from microtill.verbs.pay import pay

TRIES = 3               # real time: on a machine that is busy elsewhere a chip may acknowledge too late, and the reader counts as deaf


def test_a_sale_passes_from_power_on_to_paper_over_real_usarts_and_pins(on, tmp_path):
    benches, opened = [], []

    def setup(bench):
        benches.append(bench)
        for number in (bench.board.READER_UART, bench.board.PRINTER_UART, bench.board.MODEM_UART):
            bench.lines[number].open = lambda baud, rxbuf, number=number: opened.append(number)
    on("qemu-stm32")
    for n in range(TRIES):
        paid = pay(tmp_path / str(n), "12.50", "visa-pin", "1234", setup=setup, wired=True)
        if paid["outcome"] == "approved":
            break
    bench = benches[-1]
    assert (paid["outcome"], paid["terminal_effects"], paid["bank_effects"]) == ("approved", 1, 1)
    assert "12.50 EUR" in paid["receipt_text"] and "PIN verified by the bank" in paid["receipt_text"]
    assert opened == [] and not set(bench.board.KEYPAD_ROWS) & set(bench.pins.out)      # nothing of theirs went over the bus
    assert bench.reader.baud == 921600


def test_the_sim_has_no_pins_to_wire(tmp_path):
    done = subprocess.run([sys.executable, "-m", "microtill.cli", "pay", "1", "--wired", "--state", str(tmp_path)], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 2 and done.stderr.startswith("microtill: U30 ") and done.stderr.count("\n") == 1
