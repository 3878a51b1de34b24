# collect.py: which tests there are, read from their files without running them; which of them are meant by paths and words. Raises NoSuchTest,
# BadWords. A file that cannot be read as Python is a test that fails.
import ast
import os
from dataclasses import dataclass
from pathlib import Path

from microtill.bench.firmware import ROOT

FOLDER = ROOT / "tests" / "target"
WITHIN_S = 60                           # of the target's time, where a file says nothing else

_NONE = "no test at %s: give a folder, a file, or file::test"
_JOINED = "not to be understood: %s. Give words, joined by and, or, not, with brackets where they are needed"


class NoSuchTest(Exception):
    code = "U21"


class BadWords(Exception):
    code = "U22"


@dataclass(frozen=True)
class Test:
    """One test. `file`: as its id has it; `text`: its whole file; `needs`: parts of the bench; `not_on`: (target, why) pairs; `wrong`: why it
    cannot run at all."""
    file: str
    name: str
    line: int
    text: str
    waits: bool = False
    needs: tuple = ()
    within_s: int = WITHIN_S
    not_on: tuple = ()
    wrong: str = ""

    __test__ = False                    # pytest: this is no test of yours

    @property
    def id(self):
        return "%s::%s" % (self.file, self.name)

    @property
    def sent(self):
        """What goes to the target."""
        return with_values(self.text)

    def why_not(self, target):
        """Why it is left out on this target, or ""."""
        return dict(self.not_on).get(target, "")


def tests_of(path):
    """All tests of one file, in their order."""
    file, text = shown(path), Path(path).read_text()
    try:
        tree = ast.parse(text)
        told = _declared(tree)
    except (SyntaxError, ValueError) as error:
        return [Test(file, "file", getattr(error, "lineno", 1) or 1, "", wrong="%s: %s" % (type(error).__name__, error))]
    nodes = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")]
    return [Test(file, node.name, node.lineno, text, isinstance(node, ast.AsyncFunctionDef), told["needs"], told["within_s"].get(node.name, WITHIN_S),
                 tuple((target, why[node.name]) for target, why in told["not_on"].items() if node.name in why)) for node in nodes]


def _declared(tree):
    """What a file says of its tests: needs = ("reader",), within_s = {"test_long": 600}, not_on = {"sim": {"test_x": "why"}}."""
    told = {"needs": (), "within_s": {}, "not_on": {}}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and node.targets[0].id in told:
            told[node.targets[0].id] = ast.literal_eval(node.value)
    if isinstance(told["needs"], str):
        told["needs"] = (told["needs"],)
    return told


def with_values(text):
    """The same lines, but each `assert a == b` on a line of its own tells both values where they differ (on_device/check.py: equal)."""
    lines = text.encode().split(b"\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assert) and node.msg is None and node.lineno == node.end_lineno and isinstance(node.test, ast.Compare):
            one, others = node.test.left, node.test.comparators
            if len(others) == 1 and isinstance(node.test.ops[0], ast.Eq):
                line = lines[node.lineno - 1]
                lines[node.lineno - 1] = b"%s_equal(%s, %s)%s" % (
                    line[:node.col_offset], line[one.col_offset:one.end_col_offset], line[others[0].col_offset:others[0].end_col_offset],
                    line[node.end_col_offset:])
    return b"\n".join(lines).decode()


def shown(path):
    """A path as ids have it: from the repository, or from here."""
    path = Path(path).resolve()
    for base in (ROOT, Path.cwd()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.name


def find(places=(), words=""):
    """The tests of these places (folders, files, file::test; none: tests/target), of which `words` holds, in order. Raises NoSuchTest, BadWords."""
    found = {}
    for place in [str(place) for place in places] or [str(FOLDER)]:
        path, _, name = place.partition("::")
        if not os.path.exists(path):
            raise NoSuchTest(_NONE % place)
        files = sorted(Path(path).rglob("test_*.py")) if os.path.isdir(path) else [Path(path)]
        here = [test for file in files for test in tests_of(file) if name in ("", test.name)]
        if not here:
            raise NoSuchTest(_NONE % place)
        found.update((test.id, test) for test in here)
    holds = meant(words)
    return [test for test in found.values() if holds(test.id)]


def meant(words):
    """What -k means: `journal and not cut` holds for an id with the one word and without the other. Raises BadWords."""
    if not words.strip():
        return lambda ident: True
    try:
        tree = ast.parse(words.strip(), mode="eval").body
    except SyntaxError:
        raise BadWords(_JOINED % words) from None
    return lambda ident: _holds(tree, ident.lower())


def _holds(node, ident):
    if isinstance(node, ast.BoolOp):
        every = all if isinstance(node.op, ast.And) else any
        return every(_holds(part, ident) for part in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _holds(node.operand, ident)
    if isinstance(node, ast.Name):
        return node.id.lower() in ident
    raise BadWords(_JOINED % ast.unparse(node))
