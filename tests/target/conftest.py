# conftest.py: the files here run on the target, not on this interpreter (docs/harness.md): pytest collects them by the harness's own hooks.
from microtill.harness.plugin import pytest_addoption, pytest_pycollect_makemodule  # noqa: F401
