# kept.py: two small files on the board's own file system: the device key, which a board without fuses of its own keeps there, and the name of
# the wireless network. Both are as safe as the board's flash is from being read: nobody's who holds the board and a cable.
import os

_KEY, _NETWORK = "device.key", "network.txt"
_KEY_BYTES = 16


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


def network():
    """(name, password) of the wireless network: the two lines of network.txt. None where nobody wrote them."""
    try:
        with open(_NETWORK) as file:
            lines = file.read().split("\n")
    except OSError:
        return None
    return (lines[0], lines[1] if len(lines) > 1 else "") if lines[0] else None
