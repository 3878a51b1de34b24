# test_escpos_clients.py: python-escpos prints on the printer model, and zxing reads the paper.
import io

import pytest
import zxingcpp
from escpos.printer import Serial
from PIL import Image, ImageDraw

from microtill.bench.chips.escpos import WIDTH_80, Escpos


@pytest.fixture
def paper(serve):
    served = serve(lambda world: Escpos(world, mm_s=1_000, cut_us=1_000))
    served.client = Serial(served.link, baudrate=115200, timeout=10, dsrdtr=False, profile="TM-T20II")
    yield served
    served.client.close()


def receipt(served):
    served.wait_for(lambda: served.chip.receipts and served.chip.idle)
    return served.chip.receipts[-1]


def codes(printed):
    file = io.BytesIO()
    printed.picture().save(file, "PNG")
    return {(str(found.format), found.text) for found in zxingcpp.read_barcodes(Image.open(file))}


def test_text_sizes_and_code_pages(paper):
    client = paper.client
    client.set(align="center", bold=True, double_width=True, double_height=True)
    client.text("Café\n")
    client.set(align="left", bold=False, normal_textsize=True)
    client.text("Größe ñ ç 5,00 €\n")
    client.ln(2)
    client.set(align="right", underline=1, invert=True)
    client.text("end\n")
    client.cut()
    printed = receipt(paper)
    assert printed.text.splitlines()[:2] == [" " * 12 + "Café", "Größe ñ ç 5,00 €"]
    assert " " * 29 + "end" in printed.text.splitlines()
    assert paper.chip.lost_bytes == 0


def test_chinese_by_a_client_that_knows_only_bytes(paper):
    client = paper.client
    client.set(align="center", double_width=True, double_height=True)
    client._raw(b"\x1c&" + "银联商户".encode("gb18030") + b"\x1c.\n")
    client.set(align="left", normal_textsize=True)
    client._raw(b"\x1c&" + "金额：12.50 元".encode("gb18030") + b"\x1c.\n")
    client.text("Größe\n")
    client.cut()
    assert [line.strip() for line in receipt(paper).text.split("\n")][:3] == ["银联商户", "金额：12.50 元", "Größe"]


def test_codes_read_back_from_the_paper(paper):
    client = paper.client
    client.barcode("400638133393", "EAN13", 64, 2, "BELOW", "A")
    client.barcode("{BTILL-0001", "CODE128", 64, 2, function_type="B")
    client.set(align="center")
    client.qr("https://example.org/receipt/3.17", size=5, native=True)
    client.cut()
    assert codes(receipt(paper)) == {("EAN-13", "4006381333931"), ("Code 128", "TILL-0001"),
                                     ("QR Code", "https://example.org/receipt/3.17")}


@pytest.mark.parametrize("way", ["bitImageRaster", "graphics", "bitImageColumn"])
def test_a_picture_comes_out_dot_for_dot(paper, way):
    picture = Image.new("1", (96, 48), 1)
    ImageDraw.Draw(picture).ellipse((8, 4, 87, 43), fill=0)
    paper.client.image(picture, impl=way)
    paper.client.cut()
    printed = receipt(paper).image.crop((0, 0, 96, 48)).convert("1", dither=Image.Dither.NONE)
    assert printed.tobytes() == picture.tobytes()


def test_a_software_qr_reads_back(paper):
    paper.client.qr("drawn by the client", size=4, native=False)
    paper.client.cut()
    assert codes(receipt(paper)) == {("QR Code", "drawn by the client")}


def test_paper_status_and_online(paper):
    client, chip = paper.client, paper.chip
    client.device.timeout = 1.5                 # the client always waits for more bytes than come
    assert (client.paper_status(), client.is_online()) == (2, True)
    paper.do(chip.near_end)
    assert client.paper_status() == 1
    paper.do(chip.paper_out)
    assert (client.paper_status(), client.is_online()) == (0, False)
    client.text("waits\n")
    client.cut()
    paper.wait_for(lambda: chip.waiting > 5)
    assert chip.receipts == []
    paper.do(chip.reload)
    assert receipt(paper).text.splitlines()[0] == "waits"


def test_the_drawer(paper):
    paper.client.cashdraw(2)
    paper.client.cashdraw(5)
    paper.wait_for(lambda: len(paper.chip.drawer) == 2)
    assert [pin for _, pin, _ in paper.chip.drawer] == [0, 1]


def test_eighty_millimetres(serve):
    served = serve(lambda world: Escpos(world, width=WIDTH_80, mm_s=1_000, cut_us=1_000))
    client = Serial(served.link, baudrate=115200, timeout=10, dsrdtr=False)
    client.text("x" * 48 + "\n")
    client.cut()
    printed = receipt(served)
    assert (printed.image.width, printed.text.splitlines()[0]) == (576, "x" * 48)
    client.close()
