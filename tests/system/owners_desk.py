# owners_desk.py: what an owner types, in one process: a state folder, verbs by name, settings as TOML text. A verb's own errors come through.
from types import SimpleNamespace

from nor_memory import NorMemory

from microtill.device_source import parameters
from microtill.verbs import params
from microtill.verbs.pay import pay
from microtill.verbs.why_not import why_not
from till.store.slots import Slots

_SETTINGS_AT, _SLOT = 72 * 4096, 1          # firmware/till/build.py and shop.py


def left_by_another_firmware(image, stored):
    """The flash of a terminal whose settings are these bytes, whoever wrote them."""
    chip = NorMemory(len(image) // 4096)
    chip.data[:] = image
    Slots(chip, _SETTINGS_AT, parameters.MOST_BYTES).mount().put(_SLOT, stored)
    return bytes(chip.data)


class Desk:
    """`said`: the lines of the last verb."""

    def __init__(self, folder):
        self.state, self.said, self.folder = folder / "state", [], folder

    def _out(self):
        self.said = []
        return SimpleNamespace(say=lambda text="": self.said.append(text), as_json=False, quiet=False)

    def file(self, text):
        path = self.folder / "shop.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def checks(self, text):
        return params.check(self._out(), self.file(text))

    def loads(self, text):
        """Load a good file; what changed, as {setting: (before, after)}."""
        status, answer = params.load(self._out(), self.state, self.file(text))
        assert status == 0 and answer["ok"], answer
        return {row["setting"]: (row["before"], row["after"]) for row in answer["changed"]}

    def tries(self, text):
        return params.attempt(self._out(), self.state, self.file(text))

    def shows(self):
        return params.show(self._out(), self.state)

    def hears(self, name, word, until):
        return params.condition(self._out(), self.state, name, word, until)

    def pays(self, minor=1250, card="visa"):
        result = pay(self.state, "%d.%02d" % divmod(minor, 100), card)
        return result

    def why_not(self, action, at=None, **surroundings):
        return why_not(self._out(), self.state, action, surroundings, at)
