# conftest.py (page): one console for a worker, a fresh terminal for each test, and real chromium. Where chromium or its driver is not installed
# the tests are skipped by name; with CI=true they fail.
import os
import shutil

import pytest
from visitor import Console, Visitor

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def _missing():
    if not os.path.exists(CHROMIUM):
        return "no Debian package chromium here"
    try:
        import axe_playwright_python  # noqa: F401
        import playwright  # noqa: F401
    except ImportError as missing:
        return str(missing)
    return ""


@pytest.fixture(scope="module")
def browser():
    """Real chromium. Its driver keeps an event loop in this thread while it runs, so it ends with each file: others may want their own."""
    missing = _missing()
    if missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    from playwright.sync_api import sync_playwright
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--force-color-profile=srgb", "--hide-scrollbars"])
        yield made
        made.close()


@pytest.fixture(scope="session")
def _console():
    made = Console()
    yield made
    made.close()


@pytest.fixture
def console(_console):
    """The console, with a fresh keyed terminal that rests."""
    _console.fresh()
    return _console


@pytest.fixture
def visit(browser, console):
    """visit(hash, width=, ...): a window on the console in a visitor's hands. At the end no window has had an error or asked another host."""
    made = []

    def make(asked="", **how):
        made.append(Visitor(browser, console, asked, **how))
        return made[-1]
    yield make
    for visitor in made:
        visitor.close()
    assert [trouble for visitor in made for trouble in visitor.troubles] == []
