# boot.py: which application starts, on a board that takes signed images: the one that is tried or confirmed, looked at again as a whole, or the
# firmware that the board came with. One that fails its trial has had its one start; nothing here raises because of an image.
import json
import os
import sys
import vfs

from till.core.errors import StorageFault, TillError
from till.secure import vault
from till.store.slots import Slots
from till.update import images, manifest

_SLOTS = 2 * 4096               # of the vault, as build.py lays it out
_ROM = "/rom"


def begin(board, start):
    """start(image) runs the terminal. `image`: (place, what there is to be told of it, version, floor), or None: no image was ever sent."""
    image = None
    try:
        image = _chosen(board)
    except StorageFault:
        pass                            # no flash, no image: the terminal says so itself
    if not image or image[1] != "tried":
        return start(image)
    try:
        start(image)
    except Exception as error:          # noqa: BLE001 (whatever an image on trial does wrong: its trial is over)
        sys.print_exception(error)      # pyright: ignore[reportAttributeAccessIssue]
    board.restart()


def _chosen(board):
    nor = board.flash()
    nor.error = StorageFault
    record = images.Record(nor).read()
    if not record.sequence:
        return None
    place = record.starts if board.service() else record.at_start()
    tried = record.phase == images.TRIED and place == record.trial
    word = "tried" if tried else "back" if record.phase == images.BACK else ""
    told, rom = _image(nor, place, board.images)
    if told is None and tried:
        record.write(record.starts, record.trial, images.BACK)
        place, word = record.starts, "back"
        told, rom = _image(nor, place, board.images)
    if told is None:
        return images.BASE, word or ("altered" if place else ""), 0, 0
    _mount(rom)
    return place, word, told["version"], told["floor"]


def _image(nor, place, device):
    """(manifest, file system) of the image in a place, or (None, None) where none stands there that may start."""
    if place == images.BASE:
        return None, None
    slots = Slots(nor, _SLOTS).mount()
    keys = [slots.get(name) for name in (vault.SIGNING_KEY, vault.KEY_BEFORE) if slots.has(name)]
    floors = json.loads(slots.get(vault.FLOORS) or b"{}")
    try:
        told, data = images.whole(nor, place, keys, device, floors.get(manifest.IMAGE, 0))
        return told, vfs.VfsRom(data)           # pyright: ignore[reportAttributeAccessIssue]
    except (TillError, OSError):
        return None, None


def _mount(rom):
    """Its modules go before all others, and what was loaded of the firmware underneath is loaded no more."""
    vfs.mount(rom, _ROM)
    names = [name.rsplit(".", 1)[0] for name in os.listdir(_ROM)] + ["board"]
    for name in list(sys.modules):
        if name.split(".")[0] in names and name != "main":
            del sys.modules[name]
    sys.path.insert(0, _ROM)
