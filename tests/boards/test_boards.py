# test_boards.py: every board offers what the sim offers, with only what its port documents; no pin is used twice, none is one that must be left
# alone, and each can do what is asked of it.
import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from stubbed import ROOT, run

from microtill.boards import stage

SIM = ast.parse((ROOT / "boards" / "sim" / "board.py").read_text())
BOARDS = {"esp32s3": "esp32s3", "stm32": "stm32", "blackpill": "stm32"}       # board: whose stubs
PLACES = {"esp32s3": "boards/esp32s3", "stm32": "boards/stm32", "blackpill": "boards/stm32/blackpill"}
BUS = ("_TX", "_RX", "_SCL", "_SDA", "_SCK", "_MISO", "_MOSI", "_SELECT")
OF_A_CHIP = ("SOFT", "ADDRESS", "UART", "_I2C", "_SPI", "_SIZE", "LEGEND", "PARTITION", "RANDOM")
# ESP32-S3-WROOM-1 datasheet, table 3 (strapping pins) and 2 (pins of flash and PSRAM); ESP32-S3 datasheet, 2.3.3 (USB)
S3_FREE = {1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 38, 39, 40, 41, 42, 47, 48}
S3_FORBIDDEN = {0, 3, 45, 46} | {19, 20} | set(range(26, 38))
S3_ADC1 = set(range(1, 11))
# PYBv1.1: names on the board and pins of the chip (its pins.csv in MicroPython)
PYB = {"X1": "PA0", "X2": "PA1", "X3": "PA2", "X4": "PA3", "X5": "PA4", "X6": "PA5", "X7": "PA6", "X8": "PA7", "X9": "PB6", "X10": "PB7",
       "X11": "PC4", "X12": "PC5", "X17": "PB3", "X18": "PC13", "X19": "PC0", "X20": "PC1", "X21": "PC2", "X22": "PC3", "Y1": "PC6", "Y2": "PC7",
       "Y3": "PB8", "Y4": "PB9", "Y5": "PB12", "Y6": "PB13", "Y7": "PB14", "Y8": "PB15", "Y9": "PB10", "Y10": "PB11", "Y11": "PB0", "Y12": "PB1",
       "LED_RED": "PA13", "LED_GREEN": "PA14", "LED_YELLOW": "PA15"}
# STM32F405 datasheet table 9, STM32F411 datasheet table 9; which of them the firmware takes: each board's mpconfigboard.h in MicroPython
UARTS = {"stm32": {2: ("PA2", "PA3"), 4: ("PA0", "PA1"), 6: ("PC6", "PC7")}, "blackpill": {1: ("PA9", "PA10"), 2: ("PA2", "PA3")}}
I2CS = {"stm32": {1: ("PB6", "PB7"), 2: ("PB10", "PB11")}, "blackpill": {1: ("PB6", "PB7"), 3: ("PA8", "PB8")}}
SPI1 = ("PA5", "PA6", "PA7")
TIMERS = {"PB0": (3, 3), "PB1": (3, 4), "PB8": (4, 3), "PB10": (2, 3)}
ADC_PINS = {"PA0", "PA1", "PA2", "PA3", "PA4", "PA5", "PA6", "PA7", "PB0", "PB1", "PC0", "PC1", "PC2", "PC3", "PC4", "PC5"}
STM_FORBIDDEN = {"PA11", "PA12", "PB2", "PC14", "PC15", "PH0", "PH1"}    # USB, BOOT1, both crystals


def table(board):
    spec = importlib.util.spec_from_file_location("pins_" + board, ROOT / PLACES[board] / "pins.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if name.isupper()}


def used(board, buses_once=True):
    """[(name in the table, pin)]: a bus that two parts share is counted once."""
    found, seen = [], set()
    for name, value in table(board).items():
        if value is None or name.endswith("ADDRESS") or any(word in name for word in OF_A_CHIP) and not name.endswith(BUS):
            continue
        for pin in value if isinstance(value, tuple) else (value,):
            shared = name.endswith(("_SCL", "_SDA")) and (name[-3:], pin) in seen
            seen.add((name[-3:], pin))
            if not shared:
                found.append((name, PYB[pin] if board == "stm32" else pin))
    return found


def sim_names():
    names = [node.name for node in SIM.body if isinstance(node, ast.FunctionDef)]
    for node in SIM.body:
        if isinstance(node, ast.Assign):
            names += [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return sorted(names + ["connect", "network", "printer_error", "random_into", "reader_error", "screen_error"])


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_offers_what_the_sim_offers_and_asks_its_port_for_nothing_unknown(board, tmp_path):
    said = run(BOARDS[board], stage.FOLDERS[board], sim_names(), tmp_path)
    assert said["firmware"] == "0123456789abcdef" and said["random"] is (board != "blackpill")
    asked = {part[1][0] for part in said["made"] if part[0] == "Pin" and part[1]}
    named = {pin for value in table(board).values() if value is not None for pin in (value if isinstance(value, tuple) else (value,))}
    assert asked <= named and set(table(board)["KEYPAD_ROWS"] + table(board)["KEYPAD_COLUMNS"]) <= asked


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_has_the_simulated_boards_names_and_no_pin_twice(board):
    sim = {node.id for tree in ast.parse((ROOT / "boards/sim/pins.py").read_text()).body if isinstance(tree, ast.Assign)
           for target in tree.targets for node in ast.walk(target) if isinstance(node, ast.Name)}
    missing = sim - set(table(board))
    assert missing == ({"FLASH_SPI", "FLASH_SELECT", "FLASH_SIZE"} if board == "esp32s3" else set())
    pins = [pin for _, pin in used(board)]
    assert sorted(map(str, pins)) == sorted(map(str, set(pins)))


def test_the_esp32s3_uses_its_free_pins_all_of_them_and_no_other():
    pins = {pin for name, pin in used("esp32s3") if not name.startswith("ADMIN")}
    assert pins == S3_FREE and not pins & S3_FORBIDDEN
    assert {pin for name, pin in used("esp32s3") if name.startswith("ADMIN")} == {43, 44}
    assert table("esp32s3")["HEAD_ADC"] in S3_ADC1


@pytest.mark.parametrize("board", ["stm32", "blackpill"])
def test_an_stm32_pin_can_do_what_is_asked_of_it(board):
    cpu = {name: pin for name, pin in used(board)}
    rows = table(board)
    for part in ("READER", "PRINTER", "MODEM"):
        if rows[part + "_UART"] is not None:
            assert (cpu[part + "_TX"], cpu[part + "_RX"]) == UARTS[board][rows[part + "_UART"]]
    for part in ("SCREEN", "SENSE"):
        assert (cpu[part + "_SCL"], cpu[part + "_SDA"]) == I2CS[board][rows[part + "_I2C"]]
    assert rows["FLASH_SPI"] == 1 and (cpu["FLASH_SCK"], cpu["FLASH_MISO"], cpu["FLASH_MOSI"]) == SPI1
    assert cpu["HEAD_ADC"] in ADC_PINS
    assert TIMERS[cpu["FAN_PWM"]][0] != TIMERS[cpu["PIEZO"]][0]             # one timer has one frequency
    assert not set(cpu.values()) & STM_FORBIDDEN


@pytest.mark.parametrize("board", ["stm32", "blackpill"])
def test_no_two_pins_that_wake_share_an_interrupt_line(board):
    """EXTI line n belongs to one port's pin n at a time (RM0090, 12.2.5)."""
    waking = [pin for name, pin in used(board) if name in ("KEYPAD_COLUMNS", "MAINS_GOOD", "CHARGING", "CASE_SWITCH", "FAN_TACHO")]
    lines = [int("".join(c for c in pin[2:])) for pin in waking]
    assert len(set(lines)) == len(lines)


def test_the_partition_table_has_no_overlap_and_fits_8_mib():
    from microtill.boards import images
    rows = sorted(images.table((ROOT / "boards/esp32s3/partitions.csv").read_text()), key=lambda row: row[3])
    for before, after in zip(rows, rows[1:]):
        assert before[3] + before[4] == after[3], (before, after)
    assert rows[-1][3] + rows[-1][4] == 8 << 20 and rows[0][3] == images.TABLE_AT + 0x1000
    assert {row[0]: row[4] for row in rows}["microtill"] == 1 << 20


def test_the_ring_in_the_chips_own_flash_clears_bits_and_erases_sectors(tmp_path, micropython):
    said = micropython(f"""
import sys, asyncio
sys.path.insert(0, {str(ROOT / 'boards/esp32s3')!r})
class Partition:
    TYPE_DATA = 1
    data = bytearray(b"\\xff" * 8192)
    def find(kind, label, block_size):
        return [Partition()] if (kind, label, block_size) == (1, "microtill", 4096) else []
    def readblocks(self, block, buf, offset):
        buf[:] = self.data[block * 4096 + offset:block * 4096 + offset + len(buf)]
    def writeblocks(self, block, buf, offset):
        for i in range(len(buf)):
            self.data[block * 4096 + offset + i] &= buf[i]
    def ioctl(self, op, arg):
        if op == 4:
            return 2
        self.data[arg * 4096:arg * 4096 + 4096] = b"\\xff" * 4096
class esp32:
    pass
esp32.Partition = Partition
sys.modules["esp32"] = esp32
from partition import FlashError, PartitionFlash
chip = PartitionFlash("microtill")
chip.program(5000, b"abc")
got = bytearray(4)
chip.read(4999, got)
print(chip.size, bytes(got), chip.programs, chip.erases)
asyncio.run(chip.erase(4096))
chip.read(4999, got)
print(bytes(got), chip.erases)
for wrong in (lambda: chip.program(250, b"1234567"), lambda: chip.program(8191, b"ab"), lambda: chip.erase_now(17), lambda: chip.read(-1, got),
              lambda: PartitionFlash("none")):
    try:
        wrong()
        print("taken")
    except FlashError as error:
        print(error.code)
""")
    assert said.splitlines() == ["8192 b'\\xffabc' 1 0", "b'\\xff\\xff\\xff\\xff' 1", "page", "range", "range", "range", "absent"]


def test_pyright_finds_nothing_in_the_esp32s3_s_files():
    done = subprocess.run([Path(sys.executable).parent / "pyright", "-p", Path(__file__).parent / "pyright.json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
