# test_codes.py: an error's code names one error in all of the tools: whoever reads U10 in a log finds one place.
import ast
from collections import defaultdict
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "host-tools" / "microtill"


def codes():
    """{code: names of the classes that have it}."""
    found = defaultdict(set)
    for path in sorted(TOOLS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "code" and isinstance(line.value, ast.Constant):
                        found[line.value.value].add((node.name, "" if node.name == "BadPin" else path.name))     # of two verbs, and the same
    return found


def test_no_two_errors_of_the_tools_share_a_code():
    found = codes()
    assert len(found) > 20 and {code: names for code, names in found.items() if len(names) > 1} == {}
