# test_update_images.py: a signed application image on its way into flash, cut at every operation: what starts is always whole, the old or the new,
# and nothing else on the chip has moved.
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nor_memory import Cut, NorMemory
from till.core.errors import TillError
from till.update import images, manifest

from microtill import application, packages
from microtill.bench.bench import FIRST_DAY
from microtill.keys import opened

CLASS, CHIP, OURS = "microtill/sim", 256, 84 * 4096           # sectors; bytes before the images
OLD, NEW = 5, 6
NOW = int(FIRST_DAY.timestamp())


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(opened.PIN, "135790")
        yield opened.init(tmp_path_factory.mktemp("signer"), "file")


@pytest.fixture(scope="module")
def shipped(keys):
    """(modulus, {version: package}) of an application of three sectors and a bit."""
    source = random.Random(7)
    return keys.public("signing/1"), {version: packages.sign(keys, application.build(source.randbytes(12_400 + version), version, days=3_000,
                                                                                     now=FIRST_DAY)) for version in (OLD, NEW)}


def come_in(nor, package, modulus, floor=0, now=NOW):
    """What the admin line does with a package."""
    text, signature, data = package["manifest"].encode(), bytes.fromhex(package["signature"]), packages.part(package)
    place = images.Record(nor).read().spare()
    told = manifest.check(text, signature, modulus, manifest.IMAGE, floor, now, CLASS)
    incoming = images.Incoming(nor, place, text, signature, told)
    for at in range(0, len(data), 4096):
        incoming.take(at, data[at:at + 4096])
    incoming.finish()
    record = images.Record(nor).read()
    record.write(record.starts, place, images.WAITING)


def start(nor, modulus, well=True):
    """What boot.py does, and then the terminal. The version that starts, 0 for the firmware underneath."""
    record = images.Record(nor).read()
    place = record.at_start()
    version = images.whole(nor, place, [modulus], CLASS, 0)[0]["version"] if place else 0
    if record.phase == images.TRIED and well:
        record.write(place, images.BASE, images.QUIET)
    elif record.phase == images.BACK:
        record.write(record.starts, images.BASE, images.QUIET)
    return version


def with_old(shipped):
    """A chip whose terminal runs OLD, with something of everything else on it."""
    nor = NorMemory(CHIP)
    nor.data[:OURS] = random.Random(3).randbytes(OURS)
    come_in(nor, shipped[1][OLD], shipped[0])
    assert [start(nor, shipped[0]), start(nor, shipped[0])] == [OLD, OLD]
    return nor


def test_power_cut_at_every_operation_of_an_update_leaves_the_old_or_the_new(shipped):
    modulus, package = shipped[0], shipped[1][NEW]
    first = bytes(with_old(shipped).data)
    number, seen = 0, set()
    while True:
        number += 1
        outcomes = set()
        for share in (0.0, 0.5, 1.0):
            nor = NorMemory(CHIP, seed=number)
            nor.data[:] = first
            nor.cut = number, share
            try:
                come_in(nor, package, modulus)
                began = [start(nor, modulus), start(nor, modulus)]
                assert began == [NEW, NEW] and seen == {OLD, NEW}, "an update that was not cut"
                return
            except Cut:
                nor.cut = None
            lives = [start(nor, modulus) for _ in range(3)]
            assert lives[0] in (OLD, NEW) and lives[1] == lives[2], (number, share, lives)
            assert bytes(nor.data[:OURS]) == first[:OURS]
            outcomes.add(lives[2])
            come_in(nor, package, modulus)              # and it is not too late
            assert start(nor, modulus) == NEW
        seen |= outcomes


def test_one_that_is_not_well_has_one_start_and_can_be_followed_by_another(shipped):
    nor = with_old(shipped)
    come_in(nor, shipped[1][NEW], shipped[0])
    with pytest.raises(images.NotNow, match="trial"):
        images.Record(nor).read().spare()
    assert [start(nor, shipped[0], well=False) for _ in range(3)] == [NEW, OLD, OLD]
    come_in(nor, shipped[1][NEW], shipped[0])
    assert [start(nor, shipped[0]), start(nor, shipped[0])] == [NEW, NEW]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=6), st.integers(1, 14),
       st.sampled_from((0.0, 0.3, 0.7, 1.0)), st.integers(0, 99))
def test_a_record_that_is_cut_is_the_one_before_or_the_one_after(writes, cut, share, seed):
    nor = NorMemory(CHIP, seed=seed)
    nor.cut, before = (cut, share), (0, 0, 0)
    for values in writes:
        try:
            images.Record(nor).read().write(*values)
        except Cut:
            nor.cut = None
            found = images.Record(nor).read()
            assert (found.starts, found.trial, found.phase) in (before, values)
            return
        found = images.Record(nor).read()
        assert (found.starts, found.trial, found.phase) == values
        before = values


def refused(nor, package, modulus, **more):
    """The code and word with which it does not come in; the record is what it was, and so is what starts."""
    before = vars(images.Record(nor).read()).copy()
    with pytest.raises(TillError) as error:
        come_in(nor, package, modulus, **more)
    assert vars(images.Record(nor).read()) == before and start(nor, modulus) == OLD
    return error.value.code, *error.value.args


def test_what_is_stale_foreign_altered_mixed_or_expired_is_refused_and_changes_nothing(shipped, keys):
    modulus, package = shipped[0], shipped[1][NEW]
    nor, data = with_old(shipped), packages.part(package)

    def signed(**more):
        return packages.sign(keys, application.build(data, NEW, days=3_000, now=FIRST_DAY, **more))
    assert refused(nor, package, modulus, floor=NEW + 1) == ("S09", "older")
    assert refused(nor, signed(device="microtill/esp32s3"), modulus) == ("S09", "class")
    assert refused(nor, package, modulus, now=NOW + 3_001 * 86_400) == ("S09", "expired")
    assert refused(nor, {**package, "text": shipped[1][OLD]["text"]}, modulus)[0] in ("S18", "S09")
    assert refused(nor, {**package, "signature": shipped[1][OLD]["signature"]}, modulus) == ("S08",)
    assert refused(nor, {**package, "manifest": package["manifest"].replace('"floor": 0', '"floor": 1')}, modulus) == ("S08",)
    assert refused(nor, packages.sign(keys, packages.build(packages.PARAMETERS, "{}", days=3_000, now=FIRST_DAY)), modulus) == ("S09", "class")
    source = random.Random(11)
    for at in source.sample(range(len(data)), 40):
        changed = data[:at] + bytes((data[at] ^ 1 << source.randrange(8),)) + data[at + 1:]
        assert refused(nor, {**package, "text": application.base64.b64encode(changed).decode()}, modulus) == ("S09", "hash")
    come_in(nor, package, modulus)
    assert start(nor, modulus) == NEW


def test_what_is_altered_on_flash_afterwards_does_not_start(shipped):
    modulus, source = shipped[0], random.Random(5)
    good = with_old(shipped)
    place = images.Record(good).read().starts
    first = 86 * 4096 if place == images.A else 171 * 4096
    size = 8 + 384 + len(shipped[1][OLD]["manifest"])
    for at in [first + n for n in source.sample(range(size), 30)] + [first + 4096 + n for n in source.sample(range(12_400), 30)]:
        nor = NorMemory(CHIP)
        nor.data[:] = good.data
        nor.data[at] ^= 1 << source.randrange(8)
        with pytest.raises(TillError):
            images.whole(nor, place, [modulus], CLASS, 0)


def test_pieces_out_of_turn_are_refused(shipped):
    nor, package = with_old(shipped), shipped[1][NEW]
    text, data = package["manifest"].encode(), packages.part(package)
    incoming = images.Incoming(nor, images.B, text, bytes.fromhex(package["signature"]), manifest.read(text))
    for at, piece in ((4096, data[4096:8192]), (0, data[:4095]), (0, b""), (0, data[:4097])):
        with pytest.raises(images.NotNow, match="order"):
            incoming.take(at, piece)
    with pytest.raises(images.NotNow, match="order"):
        incoming.finish()
