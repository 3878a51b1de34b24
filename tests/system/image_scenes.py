# image_scenes.py: what is seen of the rows that application images have; played with all others (test_every_row_shop.py, test_every_row_body.py).
import tempfile
from functools import cache
from pathlib import Path

import shipped
from every_row import scene

from microtill import application


@cache
def made():
    """(flash of a terminal with a signing key, a package that it takes)."""
    with tempfile.TemporaryDirectory() as folder:
        keys = shipped.store(folder)
        return shipped.signed_terminal(keys), shipped.package(keys, shipped.nothing_new(Path(folder) / "new"))


def handed(till):
    """Another terminal in the same hand, whose owner sends an image."""
    flash, package = made()
    till.bench.cut()
    till.bench.flash.data[:] = flash
    till.bench.start()
    till.ready()
    application.hand(till.bench, package)
    return till


@scene("settings", "image", "flows.update")
def a_new_application_is_tried_at_once_where_nobody_is_served(till):
    lives = handed(till).bench.lives
    till.holds(lambda: till.bench.lives > lives, "the terminal starts again").ready()


@scene("health", "image", "flows.image")
def one_that_is_well_at_rest_is_confirmed(till):
    handed(till).holds(lambda: till.events("image"), "it says what came of it", 60_000)
    assert application.ask(till.bench)[0]["starts"] == "A"
    assert [row["words"].split()[0] for row in till.ask("audit") if row["kind"] == "update"] == ["trial", "confirmed"]
