# boards: a dev board at the end of a cable: find it, flash it, lay our application on it, walk its wiring. One BoardError for all that goes wrong.
_NEXT = {                               # what to do about a code
    "D01": "plug it in, or name it: --port; `microtill doctor` lists what is there",
    "D02": "close the other program, or wait for it to end",
    "D03": "plug it in again; nothing is lost, start over",
    "D04": "press the board's reset; is this its port, is MicroPython on it? (microtill flash)",
    "D05": "hold its reset a moment while this starts; `microtill flash` where that does not help",
    "D06": "deploy anew: microtill deploy",
    "D07": "log out and in after: sudo usermod -aG dialout $USER",
    "D08": "give one that the adapter can do: --baud",
    "D10": "give an image for this board; docs/boards.md says how to come by one",
    "D11": "name the right one: --board",
    "D12": "flash again: until then the board starts nothing, and its bootloader still listens",
    "D13": "hold the board's BOOT button, press and let go of RESET, then again",
    "D14": "install it: apt-get install dfu-util, or pip install esptool",
    "D20": "freeze the application into the firmware instead: docs/boards.md",
    "D21": "flash an image with a larger one: docs/boards.md",
    "D22": "deploy again; where it stays so, this firmware cannot write its own ROMFS: flash another",
    "D24": "build it anew: make firmware; run it: microtill --target qemu-stm32",
    "D30": "docs/rig.md says which pins and peripherals a pod has",
    "D31": "is its firmware on it (docs/rig.md)? Press its reset",
    "D32": "lay the same version on it: docs/rig.md",
    "D23": "see the lines of mpy-cross, and mend the source",
}


class BoardError(Exception):
    """`code` of the table above; args[0]: what happened and what to do, as one line."""

    def __init__(self, code, words):
        self.code = code
        super().__init__("%s. %s" % (words, _NEXT[code][0].upper() + _NEXT[code][1:]))
