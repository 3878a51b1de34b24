# test_pn532_clients.py: libnfc and nfcpy, which know nothing of us, talk to the PN532 model.
import os
import subprocess

import nfc
import nfc.clf
import nfc.clf.pn532
import nfc.clf.transport
import pytest

from microtill.bench.chips.pn532 import PN532


@pytest.fixture
def libnfc(needs_program):
    """libnfc(program, package, link, *arguments) -> what it said, its blanks made one."""
    def run(program, package, link, *arguments):
        path = needs_program(program, package)
        ran = subprocess.run([path, *arguments], env={**os.environ, "LIBNFC_DEVICE": f"pn532_uart:{link}"}, capture_output=True, text=True,
                             timeout=60, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return " ".join(ran.stdout.split())
    return run


def frontend(link):
    clf = nfc.clf.ContactlessFrontend()
    clf.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(link))
    return clf


@pytest.fixture
def reader(serve, plain_card):
    served = serve(PN532)
    served.card = plain_card("04a1b2c3d4e5f6")
    served.do(lambda: served.chip.present(served.card))
    return served


def test_nfc_list_shows_uid_and_ats(reader, libnfc):
    said = libnfc("nfc-list", "libnfc-bin", reader.link, "-t", "1")
    assert "UID (NFCID1): 04 a1 b2 c3 d4 e5 f6" in said
    assert "SAK (SEL_RES): 20" in said
    assert "ATQA (SENS_RES): 00 04" in said
    assert "ATS: 78 80 70 02" in said


def test_nfc_list_sees_two_cards_and_none(reader, libnfc, plain_card):
    reader.do(lambda: reader.chip.present(plain_card("08112233")))
    assert "04 a1 b2 c3" in libnfc("nfc-list", "libnfc-bin", reader.link, "-t", "1")
    reader.do(lambda: [reader.chip.remove(card) for card in reader.chip.cards])
    assert "UID" not in libnfc("nfc-list", "libnfc-bin", reader.link)


def test_nfc_anticol_does_it_all_by_hand(reader, libnfc):
    said = libnfc("nfc-anticol", "libnfc-examples", reader.link)
    assert "UID: 04a1b2c3d4e5f6" in said
    assert "ATS: 05 78 80 70 02" in said


def test_nfc_poll_waits_for_a_card_and_for_its_removal(serve, needs_program, plain_card):
    path = needs_program("nfc-poll", "libnfc-examples")
    served = serve(PN532)
    card = plain_card()
    names = {**os.environ, "LIBNFC_DEVICE": f"pn532_uart:{served.link}"}
    with subprocess.Popen([path], env=names, stdout=subprocess.PIPE, text=True) as client:
        served.wait_for(lambda: served.chip.radio.field)
        served.do(lambda: served.chip.present(card))
        served.wait_for(lambda: served.chip.radio.targets)
        served.do(lambda: served.chip.remove(card))
        said, _ = client.communicate(timeout=60)
    assert "04 a1 b2 c3" in " ".join(said.split())
    assert client.returncode == 0


def test_nfcpy_exchanges_apdus_at_921600(reader):
    clf = frontend(reader.link)
    try:
        reader.do(lambda: None)
        assert reader.chip.baud == 921600
        target = clf.sense(nfc.clf.RemoteTarget("106A"))
        assert target.sdd_res.hex() == "04a1b2c3d4e5f6"
        tag = nfc.tag.activate(clf, target)
        assert tag.type == "Type4Tag"
        assert tag.transceive(bytes.fromhex("80010000")).hex() == "9000"
        long = tag.transceive(bytes.fromhex("8001038400") + bytes(300))
        assert long == bytes(i & 0xFF for i in range(900)) + b"\x90\x00"
        assert tag.is_present
    finally:
        clf.close()
    assert reader.card.seen[-1] == bytes.fromhex("8001038400") + bytes(300)
    assert reader.chip.baud == 115200


def test_nfcpy_sees_the_card_go_and_another_client_may_follow(reader, libnfc):
    clf = frontend(reader.link)
    try:
        tag = nfc.tag.activate(clf, clf.sense(nfc.clf.RemoteTarget("106A")))
        reader.do(lambda: reader.chip.remove(reader.card))
        assert not tag.is_present
        assert clf.sense(nfc.clf.RemoteTarget("106A"), nfc.clf.RemoteTarget("106B"), nfc.clf.RemoteTarget("212F")) is None
    finally:
        clf.close()
    reader.do(lambda: reader.chip.present(reader.card))
    assert "04 a1 b2 c3" in libnfc("nfc-list", "libnfc-bin", reader.link, "-t", "1")
