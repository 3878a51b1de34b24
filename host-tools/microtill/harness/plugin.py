# plugin.py: pytest collects tests/target as items of its own and runs each on the target: `pytest --target qemu-stm32 tests/target -k journal`.
# tests/target/conftest.py hands these hooks on. A target that cannot be had is skipped by name, or fails where CI=true.
import os
from pathlib import Path

import pytest

from microtill.harness import collect
from microtill.harness.life import FAILED, SKIPPED, NoTarget, names
from microtill.harness.report import last_line
from microtill.harness.runner import Target

_there = {}                             # name: Target, or the NoTarget that it is


def pytest_addoption(parser):
    parser.addoption("--target", help="where tests/target runs: sim, qemu-stm32, or a serial port")


def pytest_pycollect_makemodule(module_path, parent):
    """A file here is for the target's interpreter: it is read, never imported."""
    return TargetFile.from_parent(parent, path=module_path)


def chosen(config, path):
    """The targets for this file: the one that is named; the sim where its folder was asked for; every one where a whole tree is tested."""
    one = config.getoption("--target", default=None)
    asked = [Path(str(place).partition("::")[0]).resolve() for place in config.args]
    return [one] if one else ["sim"] if path in asked or path.parent in asked else names()


class TargetFile(pytest.File):
    def collect(self):
        targets = chosen(self.config, self.path)
        for test in collect.tests_of(self.path):
            for target in targets:
                yield TargetItem.from_parent(self, name=test.name if len(targets) == 1 else "%s[%s]" % (test.name, target), test=test, target=target)


class TargetItem(pytest.Item):
    def __init__(self, *, test, target, **more):
        super().__init__(**more)
        self.test, self.target = test, target
        self.extra_keyword_matches.update(test.needs)

    def runtest(self):
        result = _target(self.target).run(self.test)
        for row in result.measured:
            self.user_properties.append((row["name"], "%s %s" % (row["value"], row["unit"])))
        if result.own:
            self.add_report_section("call", "target", "\n".join(result.own))
        if result.outcome == SKIPPED:
            pytest.skip(result.said)
        if result.outcome == FAILED:
            raise NotSo(result.said)

    def repr_failure(self, excinfo):
        if isinstance(excinfo.value, NotSo):
            said = str(excinfo.value)
            return said if "\n" not in said else "%s\n\n%s" % (last_line(said), said)      # pytest's summary shows the first line
        return super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, self.test.line - 1, self.name


class NotSo(Exception):
    """args[0]: what the target said."""


def _target(name):
    """Made once in a process."""
    if name not in _there:
        try:
            _there[name] = Target(name)
        except NoTarget as error:
            _there[name] = error
    there = _there[name]
    if isinstance(there, NoTarget):
        if os.environ.get("CI") == "true":
            raise there
        pytest.skip("%s (make system)" % there)
    return there
