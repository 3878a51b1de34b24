# page_latency.py: from a key pressed on the page to the frame with its changed pixels, in real chromium, at the pace of a person. `measure()` gives
# milliseconds, one for each press; run alone it prints the median as JSON. Without chromium it ends with what is missing.
import json
import shutil
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "page"))

from visitor import Console, Visitor

PRESSES, _WARM = 100, 5
# A press of 90 ms as a finger does it; the answer is the time from its start to the frame after the display was next painted.
_PRESS = """key => new Promise(done => {
  const canvas = document.getElementById('oled'), context = canvas.getContext('2d'), cap = document.querySelector(`[data-key="${key}"]`);
  const point = {bubbles: true, button: 0, pointerId: 1, pointerType: 'mouse'}, from = performance.now();
  context.putImageData = function (...all) {
    delete context.putImageData;
    context.putImageData(...all);
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - from)));
  };
  cap.dispatchEvent(new PointerEvent('pointerdown', point));
  setTimeout(() => cap.dispatchEvent(new PointerEvent('pointerup', point)), 90);
})"""


def measure(presses=PRESSES):
    """Milliseconds of so many presses: a digit and the clear key in turn, so that each changes the display."""
    from playwright.sync_api import sync_playwright
    console = Console()
    try:
        console.fresh()
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium") or "/usr/bin/chromium", args=["--no-sandbox"])
            person = Visitor(browser, console, "lang=en&tour=off").sees("ready")
            person.keys("7").sees("amount")
            out = []
            for n in range(presses + _WARM):
                person.page.wait_for_function("!document.querySelector('.key.down')")
                person.page.wait_for_timeout(200)           # a person's gap between two keys
                out.append(person.page.evaluate(_PRESS, "B7"[n % 2]))
            browser.close()
    finally:
        console.close()
    return out[_WARM:]


if __name__ == "__main__":
    times = sorted(measure())
    p95 = times[int(len(times) * 0.95)]
    print(json.dumps({"page_key_to_pixel_ms": {"median": round(statistics.median(times), 1), "p95": round(p95, 1), "presses": len(times)}}))
