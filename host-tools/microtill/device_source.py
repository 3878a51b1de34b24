# device_source.py: the firmware's pure rooms that tools share with it (wire formats, amounts): one source for both ends.
import sys
import types

from microtill.bench.firmware import ROOT

if "micropython" not in sys.modules:
    sys.modules["micropython"] = types.SimpleNamespace(const=lambda value: value)     # the wheel's own module of this name is another thing
_FIRMWARE = str(ROOT / "firmware")
if _FIRMWARE not in sys.path:
    sys.path.append(_FIRMWARE)

from till.core import calendar  # noqa: E402, F401
from till.money import amount, totals, transaction, velocity  # noqa: E402, F401
from till.store import parameters, settings  # noqa: E402, F401
from till.triggers import guards, rules  # noqa: E402, F401
from till.ui import letters  # noqa: E402, F401
from till.wire import frame, records  # noqa: E402, F401
