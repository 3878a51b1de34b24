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
    table = store_rows.growth()
    print("\njournal growth   records  programs/append  erases/append  reads at mount")
    for count, programs, erases, reads in table:
        print("%24d %16.3f %14.4f %15d" % (count, programs, erases, reads))
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "perf.json").write_text(json.dumps(rows, indent=1))
    picture(table, ROOT / "build" / "growth.png")
    missed = [row["name"] for row in rows if row["met"] is False]
    print("\n%d rows, %d goals missed%s" % (len(rows), len(missed), ": " + "; ".join(missed) if missed else ""))


def line(row):
    peer = "" if row["peer"] is None else "peer %s, ratio %s" % (row["peer"], row["ratio"])
    goal = "" if row["goal"] in (None, "") else "goal %s: %s" % (row["goal"], "met" if row["met"] else "MISSED")
    return "%-56s %12s %-11s %-30s %s" % (row["name"], row["ours"], row["unit"], peer, goal)


def picture(table, path):
    """Three small curves on a logarithmic axis: each must be flat."""
    import math

    from PIL import Image, ImageDraw
    image = Image.new("RGB", (780, 300), "white")
    draw = ImageDraw.Draw(image)
    for n, name in enumerate(("programs an append", "erases an append", "reads at mount")):
        left, top, wide, high = 20 + 255 * n, 50, 230, 190
        values = [row[n + 1] for row in table]
        most = max(values) * 1.25
        draw.text((left, 20), name, fill="black")
        draw.line((left, top, left, top + high, left + wide, top + high), fill="grey")
        points = [(left + wide * (math.log10(row[0]) - 2) / 3, top + high - high * row[n + 1] / most) for row in table]
        draw.line(points, fill="teal", width=2)
        for (x, y), value, row in zip(points, values, table, strict=True):
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill="teal")
            draw.text((min(x, left + wide - 36), y - 16), "%g" % value, fill="black")
            draw.text((min(x, left + wide - 36), top + high + 6), "%d" % row[0], fill="grey")
    image.save(path)


if __name__ == "__main__":
    main()
