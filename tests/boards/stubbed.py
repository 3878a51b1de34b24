# stubbed.py: board.py of a real board, run on the interpreter that ships against stand-ins of `machine` and its like that know exactly what the
# port's stubs document (recorded/*.json): another name is an AttributeError, another keyword of a constructor a TypeError.
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).parent / "recorded"
# What a stand-in answers where 1 will not do. I2C: nobody acknowledges, so no chip is there.
_ANSWERS = {"readfrom_mem_into": "raise OSError(19)", "readfrom_into": "raise OSError(19)", "writeto": "raise OSError(19)",
            "find": "return [Partition()]", "ioctl": "return 256", "any": "return 0", "readinto": "return None",
            "isconnected": "return False", "read_uv": "return 1_650_000", "status": "return 1000"}
_CLASS = """
class %(name)s:
%(constants)s
    def __init__(self, *args, **named):
        unknown = set(named) - set(%(keywords)r)
        if unknown and %(strict)r:
            raise TypeError("%(name)s has no " + str(unknown))
        made.append(["%(name)s", [a if isinstance(a, (int, str)) else str(getattr(a, "ident", None)) for a in args], sorted(named)])
        self.ident = args[0] if args else None
%(methods)s
"""
SCRIPT = """
import json, sys
import board
%s
for name in %r:
    part = getattr(board, name)
    if callable(part) and not isinstance(part, type):
        part(*{"connect": ("bank.test", 8583), "network": ("shop", "a secret"), "random_into": (bytearray(4),)}.get(name, ()))
import machine
print(json.dumps({"made": machine.made, "random": board.random_is_true, "firmware": board.firmware}))
"""


def _source(classes, module):
    lines = ["from machine import made" if module != "machine" else "made = []"]
    for at, constant in enumerate(classes["constants"]):
        lines.append("%s = %d" % (constant, at + 100))
    lines += ["def %s(*args, **named):\n    made.append([%r, [], []])" % (name, name) for name in classes["functions"]]
    for name, known in classes.items():
        if name in ("constants", "functions"):
            continue
        constants = "".join("    %s = %d\n" % (constant, 1 << at) for at, constant in enumerate(known["constants"])) or "    pass\n"
        methods = "".join("    def %s(*args, **named):\n        %s\n" % (method, _ANSWERS.get(method, "return 1")) for method in known["methods"])
        lines.append(_CLASS % {"name": name, "constants": constants, "methods": methods, "keywords": known["keywords"],
                               "strict": bool(known["keywords"])})
    return "\n".join(lines) + "\n"


def run(name, folders, names, tmp_path, before=""):
    """What board.py made and told, with each of `names` fetched and, where it is a function, called."""
    for module, classes in json.loads((RECORDED / (name + ".json")).read_text()).items():
        (tmp_path / (module + ".py")).write_text(_source(classes, module))
    (tmp_path / "fingerprint.py").write_text("firmware_hash = b'0123456789abcdef'\n")
    (tmp_path / "script.py").write_text(SCRIPT % (before, names))
    path = [str(tmp_path)] + [str(ROOT / folder) for folder in reversed(folders)]
    done = subprocess.run([Path(sys.executable).parent / "micropython", tmp_path / "script.py"], capture_output=True, text=True, timeout=60,
                          cwd=tmp_path, env=dict(os.environ, MICROPYPATH=":".join(path) + ":.frozen"))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])
