# record.py STUBS NAME: what the stubs of a MicroPython port document, of the modules that our boards use, kept as recorded/NAME.json, so that the
# tests need no second set of stubs. Made from micropython-esp32-esp32-generic-s3-stubs and micropython-stm32-pybv11-stubs, 1.29.0.post1.
import ast
import json
import sys
from pathlib import Path

MODULES = {"esp32s3": {"machine": ("ADC", "I2C", "PWM", "RTC", "SPI", "UART", "Pin"), "esp32": ("Partition",), "network": ("WLAN",)},
           "stm32": {"machine": ("ADC", "I2C", "PWM", "RTC", "SPI", "UART", "Pin"), "pyb": ("USB_VCP",)}}
FUNCTIONS = {"machine": ("reset",)}


def _class(node):
    """(constants, methods, keywords of the constructor) of one class."""
    constants = [item.target.id for item in node.body if isinstance(item, ast.AnnAssign)]
    functions = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    taken = {argument.arg for item in functions if item.name == "__init__" for argument in item.args.args + item.args.kwonlyargs} - {"self"}
    return {"constants": sorted(set(constants)), "keywords": sorted(taken),
            "methods": sorted({item.name for item in functions if not item.name.startswith("__") or item.name == "__call__"})}


def record(stubs, name):
    """{module: {class: ..., "constants": [...], "functions": [...]}}. A class takes in what its bases in the same file have."""
    found = {}
    for module, classes in MODULES[name].items():
        tree = ast.parse((Path(stubs) / (module + ".pyi")).read_text())
        parts = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        found[module] = {cls: _class(parts[cls]) for cls in classes}
        found[module]["constants"] = sorted(node.target.id for node in tree.body if isinstance(node, ast.AnnAssign) and node.target.id.isupper())
        found[module]["functions"] = sorted({node.name for node in tree.body if isinstance(node, ast.FunctionDef)} & set(FUNCTIONS.get(module, ())))
    return found


if __name__ == "__main__":
    target = Path(__file__).parent / "recorded" / (sys.argv[2] + ".json")
    target.write_text(json.dumps(record(*sys.argv[1:3]), indent=1) + "\n")
