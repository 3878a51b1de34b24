# page_rows.py: how quick the page feels, in a real browser by the wall's clock: printed, not tested. Left out by name where there is no chromium.
import shutil
import statistics

import page_latency

GOAL_MS = 50


def rows():
    if not shutil.which("chromium"):
        return [_row("key press to changed dot: no chromium here", None, None)]
    took = page_latency.measure()
    middle = round(statistics.median(took), 1)
    return [_row("key press to changed dot, median of %d" % len(took), middle, middle <= GOAL_MS)]


def _row(name, ours, met):
    return {"name": name, "ours": ours, "peer": None, "ratio": None, "unit": "ms", "goal": GOAL_MS, "met": met}
