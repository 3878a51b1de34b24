# __main__.py: `make perf`: every figure of the budget whose code exists, by counts that repeat; a table, build/perf.json, the growth as a PNG.
# It is a report, not a gate: a goal that is missed is named in the last line.
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "pure"), str(ROOT / "tests" / "system"), str(ROOT / "firmware"), str(ROOT / "drivers")]

from microtill import device_source  # noqa: E402, F401 (stubs the device's `micropython` on this interpreter)


def main():
    import board_rows
    import idle_rows
    import page_rows
    import pure_rows
    import store_rows
    import terminal_rows
    rows = []
    for part in (terminal_rows, idle_rows, store_rows, pure_rows, board_rows, page_rows):
        for row in part.rows():
            rows.append(row)
            print(line(row), flush=True)
    tables = (("records in the journal", store_rows.JOURNAL, store_rows.journal_growth()),
              ("debts in the outbox", store_rows.OUTBOX, store_rows.outbox_growth()))
    for what, names, table in tables:
        print("\n%-24s" % what + "".join("%21s" % name for name in names))
        for count, *figures in table:
            print("%24d" % count + "".join("%21g" % figure for figure in figures))
        rows += growth_rows(what, names, table)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "perf.json").write_text(json.dumps(rows, indent=1))
    picture(tables, ROOT / "build" / "growth.png")
    missed = [row["name"] for row in rows if row["met"] is False]
    print("\n%d rows, %d goals missed%s" % (len(rows), len(missed), ": " + "; ".join(missed) if missed else ""))


def line(row):
    peer = "" if row["peer"] is None else "peer %s, ratio %s" % (row["peer"], row["ratio"])
    goal = "" if row["goal"] in (None, "") else "goal %s: %s" % (row["goal"], "met" if row["met"] else "MISSED")
    return "%-56s %12s %-11s %-30s %s" % (row["name"], row["ours"], row["unit"], peer, goal)


def growth_rows(what, names, table):
    """A row for each curve: its largest figure over its first, which must stay near one (the mount reads a sector of any fill)."""
    out = []
    for n, name in enumerate(names, 1):
        first, most = table[0][n], max(row[n] for row in table)
        flat = round(most / first, 2) if first else (1.0 if not most else most)
        goal = 1.25 if "append" in name and "erases" not in name or "reads" in name and "mount" not in name else 2.0
        out.append({"name": "growth, %d to %d %s: %s" % (table[0][0], table[-1][0], what, name), "ours": flat, "peer": None, "ratio": None,
                    "unit": "most/first", "goal": goal, "met": flat <= goal})
        print(line(out[-1]))
    return out


def picture(tables, path):
    """A small curve for each figure on a logarithmic axis, a row of them for each table: each must be flat."""
    import math

    from PIL import Image, ImageDraw
    image = Image.new("RGB", (20 + 255 * max(len(names) for _what, names, _table in tables), 300 * len(tables)), "white")
    draw = ImageDraw.Draw(image)
    for at, (what, names, table) in enumerate(tables):
        least, span = math.log10(table[0][0]), math.log10(table[-1][0]) - math.log10(table[0][0])
        for n, name in enumerate(names):
            left, top, wide, high = 20 + 255 * n, 50 + 300 * at, 230, 190
            values = [row[n + 1] for row in table]
            most = (max(values) or 1) * 1.25
            draw.text((left, top - 30), "%s, by %s" % (name, what), fill="black")
            draw.line((left, top, left, top + high, left + wide, top + high), fill="grey")
            points = [(left + wide * (math.log10(row[0]) - least) / span, top + high - high * row[n + 1] / most) for row in table]
            draw.line(points, fill="teal", width=2)
            for (x, y), value, row in zip(points, values, table, strict=True):
                draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill="teal")
                draw.text((min(x, left + wide - 36), y - 16), "%g" % value, fill="black")
                draw.text((min(x, left + wide - 36), top + high + 6), "%d" % row[0], fill="grey")
    image.save(path)


if __name__ == "__main__":
    main()
