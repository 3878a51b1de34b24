# keys.py: what each of the sixteen contacts means [pure]. The legend is that of the common 4x4 foil: 123A 456B 789C *0#D.
LEGEND = "123A456B789C*0#D"
_DIGITS = (1, 2, 3, -1, 4, 5, 6, -1, 7, 8, 9, -1, -1, 0, -1, -1)
CANCEL, CLEAR, MENU, STAR, HASH, ENTER = 3, 7, 11, 12, 14, 15        # A B C * # D
NAMES = {CANCEL: "cancel", CLEAR: "clear", MENU: "menu", STAR: "star", HASH: "hash", ENTER: "enter"}


def digit(index):
    """0 to 9, or -1 for a key that is none."""
    return _DIGITS[index]


def name(index):
    """The trigger's name for a key: "digit" for all ten, so that no record tells which."""
    return "digit" if _DIGITS[index] >= 0 else NAMES[index]
