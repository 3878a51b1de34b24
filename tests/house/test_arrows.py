# test_arrows.py: the rooms of the firmware and which may lean on which. Fails on an arrow that runs back, a float in money, an await in the ledger.
import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TILL = ROOT / "firmware" / "till"
PURE = ("cards", "money", "crypto", "wire", "update")            # rooms that run on CPython too, but for money/ledger
MAY = {                                                          # room: rooms of ours that it may import
    "core": set(),
    "wire": {"core"},
    "crypto": {"core"},
    "cards": {"core", "crypto"},
    "store": {"core", "cards", "money", "wire"},
    "money": {"core", "wire"},
    "ui": {"core", "money", "wire"},
    "secure": {"core", "crypto", "store", "ui"},
    "acquirer": {"core", "cards", "crypto", "money", "store"},
    "devices": {"core", "ui"},
    "triggers": {"core"},
    "update": {"core", "crypto"},
    "admin": {"core", "cards", "crypto", "acquirer", "secure", "triggers", "wire", "money", "store", "update"},
    "flows": {"core", "cards", "crypto", "money", "acquirer", "secure", "store", "devices", "ui", "admin", "update"},
}
ANYTHING = ("build",)                                            # composition knows all


def sources(folder):
    return sorted(folder.rglob("*.py"))


def imports(tree):
    """Every module name that a file imports, at whatever depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module == "till":
                yield from ("till." + alias.name for alias in node.names)
            else:
                yield node.module or ""


def backward(source, room):
    """Arrows of one file's source text that its room may not have."""
    wrong = []
    for name in imports(ast.parse(source)):
        parts = name.split(".")
        if parts[0] == "till" and len(parts) > 1 and parts[1] != room and parts[1] not in MAY[room]:
            wrong.append(name)
        if parts[0] in ("machine", "bus", "link", "pins", "board"):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", [p for p in sources(TILL) if p.parent != TILL], ids=lambda p: str(p.relative_to(TILL)))
def test_no_arrow_runs_back(path):
    assert backward(path.read_text(), path.relative_to(TILL).parts[0]) == []


def test_a_planted_arrow_is_found():
    assert backward("from till.flows import sale", "core") == ["till.flows"]
    assert backward("import machine", "devices") == ["machine"]
    assert backward("def f():\n    from till.devices.screen import Screen", "cards") == ["till.devices.screen"]


def test_every_room_has_its_arrows():
    assert {p.name for p in TILL.iterdir() if p.is_dir() and p.name != "__pycache__"} == set(MAY)


def test_drivers_import_nothing_of_ours():
    for path in sources(ROOT / "drivers"):
        assert [name for name in imports(ast.parse(path.read_text())) if name.split(".")[0] in ("till", "microtill", "bus", "link")] == [], path


def test_chip_models_import_no_driver_and_no_firmware():
    names = {p.name for p in (ROOT / "drivers").iterdir()} | {"till"}
    for path in sources(ROOT / "host-tools" / "microtill" / "bench" / "chips"):
        assert [name for name in imports(ast.parse(path.read_text())) if name.split(".")[0] in names] == [], path


def test_the_bank_imports_nothing_of_the_firmware():
    for folder in ("acquirer", "cards"):
        for path in sources(ROOT / "host-tools" / "microtill" / "bench" / folder):
            found = [name for name in imports(ast.parse(path.read_text())) if name.split(".")[0] == "till" or name == "microtill.device_source"]
            assert found == [], path


def test_only_main_imports_a_board():
    for path in sources(ROOT / "firmware"):
        if path.name != "main.py":
            assert "board" not in list(imports(ast.parse(path.read_text()))), path


def test_no_float_in_money():
    for path in sources(TILL / "money"):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
            assert not (isinstance(node, ast.Name) and node.id == "float"), path
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)), path


def test_no_await_in_the_ledger_or_in_any_pure_room():
    for room in PURE:
        for path in sources(TILL / room):
            for node in ast.walk(ast.parse(path.read_text())):
                assert not isinstance(node, (ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)), path


def test_no_file_hides_too_much():
    long = [str(p.relative_to(ROOT)) for folder in ("firmware", "drivers", "boards", "host-tools") for p in sources(ROOT / folder)
            if len(p.read_text().splitlines()) > 400]
    assert long == []
