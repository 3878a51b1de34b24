# kept.py: what a board keeps for itself: where the terminal's flash lies, and its device key.
# The key of a board without fuses of its own is a file on the board's file system. It is as safe as the board's flash is from
# being read: not at all from whoever holds the board and a cable. Raises OSError where it cannot be kept.
import os

_KEY = "device.key"
_KEY_BYTES = 16


FLASH_BYTES = 76 * 4096         # as firmware/till/build.py lays it out


def flash(raw):
    """The terminal's flash: `raw` where the board has one (drivers/nor, or its like), else files on its file system. Raises FlashError."""
    if raw is not None:
        return raw
    from filed import FileFlash
    return FileFlash("flash", FLASH_BYTES)


def device_key(random_into):
    """16 bytes, made at the first start. Raises OSError where they cannot be kept."""
    key = bytearray(_KEY_BYTES)
    try:
        with open(_KEY, "rb") as file:
            if file.readinto(key) == _KEY_BYTES:
                return key
    except OSError:
        pass                                    # there is none yet
    random_into(key)
    with open(_KEY + ".new", "wb") as file:
        file.write(key)
    os.rename(_KEY + ".new", _KEY)              # whole or not at all
    return key
