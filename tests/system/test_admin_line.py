# test_admin_line.py: a terminal that was provisioned answers whoever has its transport key, once for each request, and nobody else at the cable.
import pytest
from till.admin import ops
from till.admin.lock import _OPEN

from microtill import demo, provisioning
from microtill.bench.console import OPEN, sealed
from microtill.device_source import frame
from microtill.keys import opened
from microtill.terminal import Refused, Service

SERIAL = "MT-0909"
NEWS = b'{"op": "condition", "name": "net", "word": "down", "until": 1999999999}'


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """(state folder, flash of the terminal that was provisioned from it)."""
    state, patch = tmp_path_factory.mktemp("shop"), pytest.MonkeyPatch()
    patch.setenv(opened.PIN, "135790")
    provisioning.provision(state, opened.init(state, "file"), SERIAL)
    yield state, (state / "flash.bin").read_bytes()
    patch.undo()


@pytest.fixture
def line(shop):
    """A terminal of that flash in service mode, at the end of a cable that is in anybody's hands."""
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = shop[1]
        service.start()
        yield service


def answer(service, data):
    """The code of what these bytes on the line are answered with; "" where it is done."""
    console = service.bench.console
    console.last = None
    console.line.to_host(data, console.BAUD)
    assert service.bench.run(console.answered, 60_000)
    return "" if console.last["ok"] else console.last["code"]


def proven(service, key, number, data=NEWS):
    return frame.encode(frame.SEALED, sealed(key, service.bench.console._nonce, number, data))


def test_without_its_proof_every_request_is_refused_and_nothing_has_changed(line):
    before, names = bytes(line.bench.flash.data), set(ops.OPS)
    assert set(OPEN) == set(_OPEN) < names and len(names) > 15
    for op in sorted(names - set(OPEN)):
        with pytest.raises(Refused) as refused:
            line.ask(op, serial=SERIAL, owner={}, kib=1, name="net", word="down", until=1_999_999_999)
        assert refused.value.args[0] == "S19", op
    for op in ("provision", "install"):             # refused for another reason: it is keyed
        with pytest.raises(Refused) as refused:
            line.ask(op, step="hello", slot=2, hex="00" * 16)
        assert refused.value.args[0] == "S01"
    assert line.ask("identity")[0]["serial"] == SERIAL and line.ask("rules") and line.ask("kinds")
    assert bytes(line.bench.flash.data) == before


def test_a_request_counts_once_and_under_the_right_key_alone(shop, line):
    key, before = provisioning.admin_key(shop[0], SERIAL), bytes(line.bench.flash.data)
    good = proven(line, key, 7, b'{"op": "journal"}')
    for wrong in (demo.DEVICE_KEY[:16], bytes(16), bytes((key[0] ^ 1,)) + key[1:]):
        assert answer(line, proven(line, wrong, 7)) == "S04"
    assert answer(line, good) == "" and answer(line, good) == "S19"                 # and once more
    assert answer(line, proven(line, key, 7)) == answer(line, proven(line, key, 3)) == "S19"
    assert answer(line, frame.encode(frame.SEALED, b"short")) == "P01"
    assert answer(line, proven(line, key, 8, b'{"op": "journal"}')) == ""
    line.bench.cut()
    line.start()
    assert answer(line, good) == "S04"                                              # of an earlier life
    assert bytes(line.bench.flash.data) == before
    assert answer(line, proven(line, key, 1, b'{"op": "zeroise", "serial": "%s"}' % SERIAL.encode())) == ""
    assert not line.ask("identity")[0]["keyed"]


def test_every_changed_byte_of_a_proven_request_is_refused(shop, line):
    key, before = provisioning.admin_key(shop[0], SERIAL), bytes(line.bench.flash.data)
    good = sealed(key, line.bench.console._nonce, 1, NEWS)
    for at in range(len(good)):
        assert answer(line, frame.encode(frame.SEALED, good[:at] + bytes((good[at] ^ 0x20,)) + good[at + 1:])) == "S04", at
    assert bytes(line.bench.flash.data) == before
    with pytest.raises(Refused):
        line.ask("journal")


def test_where_the_key_store_is_nobody_notices(shop):
    with Service(shop[0]) as service:
        assert service.ask("journal") == [] and service.ask("audit")[-1]["words"].startswith("provision " + SERIAL)
        service.bench.cut()
        service.start()
        assert service.ask("settings")[0]["sound"]
