# test_reading.py: a scripted person knows each screen again, in every language and size, with whatever values stand in it.
import importlib

import pytest

from microtill import reading
from microtill.settings_file import LANGUAGES

VALUES = ("12.50", "EUR", "7", "1.00", "2.00", "3.00", "4.00", "5.00", "6.00", "7.00")


@pytest.mark.parametrize("table", ["SCREENS", "LARGE"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_screen_is_known_again(code, table):
    from till.ui.words import Words
    words = Words((code,))
    tables = importlib.import_module("till.ui.languages." + code)
    for name in getattr(tables, table):
        rows = tables.SCREENS[name] if table == "SCREENS" else tables.LARGE[name]
        plain = [row.lstrip("|!=").replace("\t", " ") for row in rows]
        filled = "\n".join(row % VALUES[:row.count("%s")] if "%s" in row else row.format(*VALUES) if "{" in row else row for row in plain)
        assert reading.name(filled) == name or name in _TWINS, (name, reading.name(filled))
    assert words.language == code


_TWINS = ("starting", "done")            # too little of their own where values fill the rest
