# test_every_row.py: the trigger table and its scenes: none of its rows is without one, and no scene is of a row that is gone.
import every_row
import test_every_row_body
import test_every_row_people
import test_every_row_shop

PLAYED = [mark.args[1] for module in (test_every_row_body, test_every_row_people, test_every_row_shop) for mark in module.test_every_row.pytestmark]


def test_rows_without_a_test():
    rows = every_row.table()
    without = [row for row in rows if row not in every_row.SCENES]
    gone = [key for key in every_row.SCENES if key not in rows]
    print("%d rows, without a test: %s" % (len(rows), without or "none"))
    assert (without, gone) == ([], [])


def test_every_scene_is_played_with_its_row_and_without():
    played = sorted(each.values[0] for cases in PLAYED for each in cases)
    assert played == sorted(every_row.SCENES)
