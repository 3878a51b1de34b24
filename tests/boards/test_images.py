# test_images.py: a firmware for another board, or a broken one, is refused before a byte is written, with the reason.
import firmwares
import pytest
from hypothesis import given
from hypothesis import strategies as st

from microtill.bench.firmware import ROOT
from microtill.boards import BoardError, images

OURS = (ROOT / "boards/esp32s3/partitions.csv").read_text()
DFU = firmwares.dfu()

WRONG = [
    ("esp32s3", firmwares.esp(chip=0), "an image for ESP32, not"),
    ("esp32s3", firmwares.esp(chip=5), "an image for ESP32-C3"),
    ("esp32s3", DFU, "a DFU file"),
    ("esp32s3", b"\x7fELF" + bytes(100), "an ELF file"),
    ("esp32s3", b"", "an empty file"),
    ("esp32s3", b"hello" * 10, "no firmware that we know"),
    ("esp32s3", firmwares.esp(csv=None), "the application alone"),
    ("esp32s3", firmwares.esp()[:5000], "the application alone"),
    ("esp32s3", firmwares.esp(megabytes=4), "a flash of 4 MiB"),
    ("esp32s3", firmwares.esp(csv=firmwares.STOCK.replace("0x10000", "0x20000")), "not where our partition table has it"),
    ("esp32s3", firmwares.esp(size=0x300001), "too large"),
    ("stm32", firmwares.esp(), "an image for ESP32-S3"),
    ("stm32", b"\x7fELF" + bytes(100), "its .dfu or .bin is beside it"),
    ("stm32", b"UF2\n" + bytes(600), "a UF2 file"),
    ("stm32", b"", "nothing in it lies at 0x8000000"),
    ("stm32", firmwares.vectors(stack=0x20040000), "a stack at 0x20040000"),
    ("stm32", firmwares.vectors(reset=0x0800C1D4), "not for an STM32F405RG"),
    ("stm32", firmwares.vectors(reset=0x00000101), "code at 0x101"),
    ("blackpill", firmwares.vectors(reset=0x08090001), "not for an STM32F411CE"),
    ("blackpill", firmwares.vectors(size=600_000), "too large for an STM32F411CE"),
    ("stm32", DFU[:-1] + b"x", "checksum differs"),
    ("stm32", DFU[:3000], "checksum differs"),
    ("stm32", DFU[:12], "cut short"),
    ("stm32", firmwares.dfu(vendor=0x1209), "another bootloader"),
    ("stm32", firmwares.dfu([(0x08020000, firmwares.vectors())]), "nothing in it lies at 0x8000000"),
]


def judge(board, data):
    return images.esp32s3(data, OURS) if board == "esp32s3" else images.stm32(data, board)


@pytest.mark.parametrize("board, data, words", WRONG, ids=[words for _, _, words in WRONG])
def test_a_wrong_image_is_refused_in_one_line(board, data, words):
    with pytest.raises(BoardError) as refused:
        judge(board, data)
    assert refused.value.code == "D10" and words in str(refused.value) and "\n" not in str(refused.value)


def test_a_stock_image_gets_our_partition_table_and_nothing_else():
    stock = firmwares.esp()
    image, replaced = images.esp32s3(stock, OURS)
    assert replaced and images.table_of(image) == images.table(OURS)
    assert image[:0x8000] == stock[:0x8000] and image[0x8C00:] == stock[0x8C00:]


def test_an_image_with_our_partitions_is_written_as_it_is():
    whole = firmwares.esp(csv=OURS)
    assert images.esp32s3(whole, OURS) == (whole, False)


def test_the_table_is_what_the_makers_own_tool_makes():
    """The digest entry: EB EB, fourteen FF, the MD5 of all entries before it (ESP-IDF, "Partition Tables", MD5 checksum)."""
    made = images.table_bytes(images.table(OURS))
    assert made[:4] == b"\xaa\x50\x01\x02" and made[7 * 32:7 * 32 + 16] == b"\xeb\xeb" + b"\xff" * 14 and len(made) == 0xC00


def test_good_images_of_an_stm32_are_taken():
    assert images.stm32(DFU, "stm32") == [(0x08000000, 16_000), (0x08020000, 20_480)]
    assert images.stm32(firmwares.vectors(), "blackpill") == [(0x08000000, 40_000)]


@given(st.sampled_from(["esp32s3", "stm32", "blackpill"]), st.one_of(
    st.binary(max_size=600),
    st.tuples(st.integers(0, len(DFU) - 1), st.integers(0, 255)).map(lambda at: DFU[:at[0]] + bytes([at[1]]) + DFU[at[0] + 1:]),
    st.integers(0, len(DFU)).map(lambda at: DFU[:at])))
def test_whatever_the_file_holds_it_is_judged_or_refused(board, data):
    try:
        judge(board, data)
    except BoardError as error:
        assert error.code == "D10"
