# test_drivers_reader.py: drivers/pn532 on the PN532 model: a tap, and all that goes wrong with one. After each trouble the next one works.
import pytest
from driver_rig import READER, DriverRig

START = "    await reader.configure()\n"


class Card:
    """Answers a command with itself reversed and 90 00. `script` maps a command's first byte to (response or None, microseconds)."""
    atqa, sak, ats = b"\x00\x04", 0x20, bytes.fromhex("0B7880A102312054455354")

    def __init__(self, uid=b"\x5a\x01\x02\x03", script=(), **other):
        self.uid, self.script, self.heard = uid, dict(script), []
        self.__dict__.update(other)

    def power_on(self):
        """It keeps nothing."""

    def apdu(self, command):
        self.heard.append(bytes(command))
        return self.script.get(command[0], (bytes(command)[::-1] + b"\x90\x00", 5_000))


def run(script, *cards, rig=None, **when):
    """What the script says, with these cards in the field from the beginning; `when` maps what it says to an act on the rig."""
    rig = rig or DriverRig()
    for card in cards:
        rig.reader.present(card)
    for words, act in when.items():
        rig.when(words, act, rig)
    return rig.run(READER, "async def main():\n" + START + "".join("    %s\n" % line for line in script.strip().split("\n"))), rig


def test_firmware_version_and_a_tap():
    said, rig = run("""
say((await reader.firmware_version()).hex())
card = await reader.find(500)
say(card.count, card.uid.hex(), card.atqa.hex(), card.sak, card.ats.hex(), card.iso_dep)
say(bytes(await reader.exchange(b"\\x00\\xa4\\x04\\x00")).hex())
say(await reader.present())
await reader.release()
await reader.field(False)
""", Card())
    assert said == ["32010607", "1 5a010203 0004 32 0b7880a102312054455354 True", "0004a4009000", "True"]
    assert not rig.reader.radio.field and rig.held_us < 10_000


def test_nobody_comes_and_then_somebody_does():
    said, rig = run("""
say(await reader.find(300))
say("lay")
say((await reader.find()).uid.hex())
""", lay=lambda rig: rig.world.after(700_000, rig.reader.present, Card(b"\x04\x01\x02\x03\x04\x05\x06")))
    assert said == ["None", "lay", "04010203040506"]


def test_two_cards_are_seen():
    said, _ = run("say((await reader.find(300)).count)", Card(), Card(b"\x5a\x09\x08\x07"))
    assert said == ["2"]


@pytest.mark.parametrize("size", [1, 200, 257, 261, 262, 263, 524, 525, 1500])
def test_long_commands_and_responses_go_in_pieces(size):
    said, rig = run("""
await reader.find(300)
sent = bytes(i * 7 & 0xff for i in range(%d))
got = await reader.exchange(sent, 5000)
say(len(got), bytes(got) == bytes(reversed(sent)) + b"\\x90\\x00")
""" % size, Card())
    assert said == ["%d True" % (size + 2)]
    assert rig.held_us < 10_000


def test_a_response_longer_than_asked_for_is_refused_and_the_reader_lives():
    said, _ = run("""
await reader.find(300)
say(await tried(reader.exchange(b"\\x01" + bytes(9))))
say(bytes(await reader.exchange(b"\\x02")).hex())
""", Card(script={1: (bytes(3000), 1000)}))
    assert said == ["!size", "029000"]


def test_at_921600_the_same_tap_is_quicker():
    said, rig = run("""
for rate in (115200, 921600, 460800):
    if rate != 115200:
        await reader.set_rate(rate)
    await reader.find(300)
    began = time.ticks_us()
    await reader.exchange(bytes(200))
    say(time.ticks_us() - began)
""", Card())
    slow, fast, middle = map(int, said)
    assert slow - fast > 30_000 and fast < middle < slow
    assert rig.reader.baud == 460800


def test_a_terminal_that_started_again_finds_a_chip_left_at_another_rate():
    rig = DriverRig()
    rig.reader.power_on = lambda: None          # only the terminal's supply fails
    rig.reader.__class__.power_on(rig.reader)
    run("await reader.set_rate(921600)", rig=rig)
    assert rig.reader.baud == 921600
    said, _ = run("say((await reader.find(300)).uid.hex())", Card(), rig=rig)
    assert said == ["5a010203"]


def test_a_garbled_byte_is_asked_for_again():
    said, rig = run("""
await reader.find(300)
say("garble")
say(bytes(await reader.exchange(b"\\x07\\x08")).hex())
""", Card(), garble=lambda rig: setattr(rig.reader, "garble_next", True))
    assert said == ["garble", "08079000"]
    assert len(rig.reader.cards[0].heard) == 1      # the card was not asked twice


@pytest.mark.parametrize("at", range(12))
def test_no_garbled_byte_of_an_answer_is_believed_or_fatal(at):
    """Byte `at` of what the chip sends, acknowledge included, is spoilt: the answer is right, or there is an error; then all is well."""
    rig, card = DriverRig(), Card()
    put, state = rig.reader._put, {"left": None}

    def spoil(job, data):
        left = state["left"]
        if left is not None:
            state["left"] = left - len(data)
            if 0 <= left < len(data):
                data = data[:left] + bytes((data[left] ^ 0x10,)) + data[left + 1:]
        put(job, data)
    rig.reader._put = spoil
    said, _ = run("""
await reader.find(300)
say("spoil")
got = await tried(reader.exchange(b"\\x07\\x08", 300))
say(got if isinstance(got, str) else bytes(got).hex())
say(bytes(await reader.exchange(b"\\x09")).hex())
""", card, rig=rig, spoil=lambda rig: state.update(left=at))
    assert said[1] in ("08079000", "!time", "!frame") and said[2] == "099000"
    assert card.heard.count(b"\x07\x08") == 1


def test_a_deaf_chip_is_told_within_a_few_hundredths():
    said, rig = run("""
say("deaf")
began = time.ticks_ms()
say(await tried(reader.firmware_version()), time.ticks_ms() - began)
say(await tried(reader.configure()))
say("well")
await reader.configure()
say((await reader.find(300)).uid.hex())
""", Card(), deaf=lambda rig: setattr(rig.reader, "deaf", True), well=lambda rig: setattr(rig.reader, "deaf", False))
    assert said[1].split()[0] == "!deaf" and int(said[1].split()[1]) <= 40
    assert said[2:] == ["!deaf", "well", "5a010203"]


def test_a_chip_that_lost_its_power_is_found_at_its_first_rate():
    card = Card()
    said, _ = run("""
await reader.set_rate(921600)
await reader.find(300)
say("cut")
say(await tried(reader.exchange(b"\\x01")))
await reader.configure()
await reader.set_rate(921600)
await reader.find(300)
say(bytes(await reader.exchange(b"\\x01")).hex())
""", card, cut=lambda rig: rig.reader.power_on())
    assert said == ["cut", "!deaf", "019000"]


def test_a_card_pulled_in_mid_exchange():
    card = Card(script={1: (b"\x90\x00", 200_000)})
    said, rig = run("""
await reader.find(300)
say("pull")
say(await tried(reader.exchange(b"\\x01", 1000)), await tried(reader.exchange(b"\\x02", 1000)))
say(await reader.present(), await reader.wait_removed(100))
say("back")
say((await reader.find(300)).uid.hex(), bytes(await reader.exchange(b"\\x02")).hex())
""", card, pull=lambda rig: rig.world.after(60_000, rig.reader.remove, card), back=lambda rig: rig.reader.present(card))
    assert said == ["pull", "!card_gone !card_gone", "False True", "back", "5a010203 029000"]


def test_waiting_for_a_card_to_be_taken_away():
    card = Card()
    said, rig = run("""
await reader.find(300)
say(await reader.wait_removed(400))
say("pull")
began = time.ticks_ms()
say(await reader.wait_removed(), time.ticks_ms() - began < 1300)
""", card, pull=lambda rig: rig.world.after(500_000, rig.reader.remove, card))
    assert said == ["False", "pull", "True True"]


def test_a_card_without_iso_dep_is_watched_too():
    card = Card(sak=0x08)
    said, _ = run("""
card = await reader.find(300)
say(card.iso_dep, card.ats, await reader.present())
say("pull")
say(await reader.wait_removed(2000))
""", card, pull=lambda rig: rig.world.after(300_000, rig.reader.remove, card))
    assert said == ["False b'' True", "pull", "True"]


def test_exchange_with_nobody_listed():
    said, _ = run("""
say(await tried(reader.exchange(b"\\x01")), await reader.present(), await tried(reader.release()))
""")
    assert said == ["!context False None"]


def test_a_card_too_slow_for_our_deadline():
    said, _ = run("""
await reader.find(300)
say(await tried(reader.exchange(b"\\x01", 100)))
say((await reader.find(300)).uid.hex(), bytes(await reader.exchange(b"\\x02")).hex())
""", Card(script={1: (b"\x90\x00", 250_000)}))
    assert said == ["!time", "5a010203 029000"]


@pytest.mark.parametrize("after_ms", [0, 1, 2, 3, 4, 6, 9, 14, 20, 26, 40])
def test_a_cancel_at_any_moment_leaves_the_reader_usable(after_ms):
    said, rig = run("""
await reader.find(300)
task = asyncio.create_task(reader.exchange(bytes(100), 1000))
await asyncio.sleep_ms(%d)
task.cancel()
await asyncio.sleep_ms(0)
say(bytes(await reader.exchange(b"\\x05\\x06", 500)).hex() if await reader.find(400) else "none")
task = asyncio.create_task(reader.find())
await asyncio.sleep_ms(%d)
task.cancel()
await asyncio.sleep_ms(0)
say((await reader.firmware_version()).hex())
""" % (after_ms, after_ms), Card())
    assert said == ["06059000", "32010607"]


def test_two_commands_at_once_are_refused():
    said, _ = run("""
task = asyncio.create_task(reader.find())
await asyncio.sleep_ms(5)
say(await tried(reader.firmware_version()))
task.cancel()
await asyncio.sleep_ms(0)
say((await reader.firmware_version()).hex())
""")
    assert said == ["!busy", "32010607"]


def test_a_task_that_takes_over_from_a_cancelled_one():
    said, _ = run("""
first = asyncio.create_task(reader.find())
await asyncio.sleep_ms(50)
first.cancel()
second = asyncio.create_task(reader.find(500))
say("lay")
say((await second).uid.hex())
""", lay=lambda rig: rig.world.after(100_000, rig.reader.present, Card()))
    assert said == ["lay", "5a010203"]


def test_release_after_the_card_has_left_and_the_field_goes_off():
    card = Card()
    said, rig = run("""
await reader.find(300)
say("pull")
await reader.release()
await reader.field(False)
""", card, pull=lambda rig: rig.reader.remove(card))
    assert said == ["pull"] and not rig.reader.radio.field


def test_nothing_runs_while_no_card_comes():
    rig, before = DriverRig(), {}
    said, _ = run("""
await asyncio.sleep_ms(2)
watching.cancel()
say("lay")
say((await reader.find()).uid.hex())
""", rig=rig, lay=lambda rig: (before.update(trips=rig.rig.trips), rig.world.after(50_000_000, rig.reader.present, Card())))
    assert said == ["lay", "5a010203"] and rig.rig.trips - before["trips"] < 20


def test_the_same_tap_twice_gives_the_same_wire():
    def tap():
        _, rig = run("""
await reader.set_rate(921600)
await reader.find(300)
for n in range(5):
    await reader.exchange(bytes(20 + n))
await reader.field(False)
""", Card())
        return rig.rig.trace.hexdigest(), rig.world.now
    assert tap() == tap()
