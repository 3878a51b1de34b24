# opened.py: the key store of a state folder: made, found again and opened. Raises NoStore, NotOpened.
import getpass
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from microtill import demo, keys
from microtill.keys.file_store import FileStore

PIN = "MICROTILL_KEYS_PIN"              # the environment's word for the passphrase or PIN, where nobody is there to type it
SOFTHSM = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
_BY_CHANCE = ("bdk", "kbpk", "station", "signing")
_TOKEN = "microtill"


def _folder(state):
    return Path(state) / "keys"


def softhsm():
    """The path of SoftHSM2's library where it is installed, or None."""
    return next((path for path in SOFTHSM if Path(path).exists() and shutil.which("softhsm2-util")), None)


def _secret(twice=False):
    given = os.environ.get(PIN)
    if given:
        return given
    if not sys.stdin.isatty():
        raise keys.NotOpened("nobody to ask for the store's PIN: set %s" % PIN)
    typed = getpass.getpass("PIN of the key store: ")
    if twice and typed != getpass.getpass("once more: "):
        raise keys.NotOpened("the two differ")
    return typed


def _configure(folder):
    """SoftHSM2 keeps its tokens in the state folder."""
    path = folder / "softhsm2.conf"
    path.write_text("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n" % (folder / "tokens"))
    os.environ["SOFTHSM2_CONF"] = str(path)


def _token(folder, about, pin):
    try:
        from microtill.keys.token_store import TokenStore
    except ImportError:
        raise keys.NoStore("python-pkcs11 is not here: pip install python-pkcs11, or keys init --store file") from None
    if about["module"] in SOFTHSM:
        _configure(folder)
    return TokenStore(about["module"], about["token"], pin)


def exists(state):
    return (_folder(state) / "store.json").exists()


def _about(state):
    try:
        return json.loads((_folder(state) / "store.json").read_text())
    except (OSError, ValueError):
        raise keys.NoStore("no key store in %s: microtill keys init" % state) from None


def home(state):
    """The folder that has the store of this one: itself, or the one whose station provisioned it."""
    about = _about(state)
    return about["state"] if about["store"] == "at" else state


def point(board, state):
    """From now on the bank beside the terminal in `board` opens the store of `state`."""
    folder = _folder(board)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "store.json").write_text(json.dumps({"store": "at", "state": str(Path(state).resolve())}))


def open_store(state):
    """The store of a state folder, opened with the PIN that is asked for. Raises NoStore, NotOpened."""
    state = home(state)
    folder, about = _folder(state), _about(state)
    pin = _secret()
    return FileStore(folder / "demonstration.json", pin) if about["store"] == "file" else _token(folder, about, pin)


def init(state, store=None, token=None, empty=False, tdes=False):
    """Makes a store: "softhsm2", "file", or the path of a PKCS#11 module whose `token` is already initialised; by default SoftHSM2 where it is
    installed, else a file. Fills it with a key of each kind, but for `empty`; one for PINs under TDES only with `tdes`. Raises NoStore where one
    is."""
    folder = _folder(state)
    if exists(state):
        raise keys.NoStore("there is a key store in %s already" % state)
    module = softhsm() if store in (None, "softhsm2") else None if store == "file" else store
    if store == "softhsm2" and not module:
        raise keys.NoStore("SoftHSM2 is not installed: apt-get install softhsm2")
    if store not in (None, "softhsm2", "file") and not Path(store).exists():
        raise keys.NoStore("no PKCS#11 module at %s" % store)
    pin = _secret(twice=True)
    about = {"store": "token", "module": module, "token": token or _TOKEN} if module else {"store": "file"}
    try:
        return _filled(folder, about, pin, empty, tdes)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)           # half a store is none
        raise


def _filled(folder, about, pin, empty, tdes):
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    if about.get("module") in SOFTHSM:
        _configure(folder)
        _new_token(folder, about, pin)
    opened = FileStore(folder / "demonstration.json", pin, create=True) if about["store"] == "file" else _token(folder, about, pin)
    made = []
    try:
        for name in () if empty else _BY_CHANCE:
            made.append(opened.make(name))
        if tdes:
            first = keys.make_tdes(opened)
            made += [first, first.replace(keys.TDES, keys.TDES_RIGHT)]
        for product, value in demo.ISSUER_KEYS.items():     # TEST keys: the bench's cards have them
            made.append(opened.make("issuer-" + product, value))
        (folder / "store.json").write_text(json.dumps(about))
    except BaseException:
        for label in made:
            opened.forget(label)                            # a token that is not ours to delete keeps nothing of a store that is none
        raise
    return opened


def _new_token(folder, about, pin):
    """A token of SoftHSM2 in this folder. Its tool takes a PIN as an argument, which whoever lists processes can read: it gets one that does not
    last. Raises NoStore, NotOpened."""
    first = os.urandom(8).hex()
    done = subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", about["token"], "--so-pin", os.urandom(8).hex(), "--pin", first],
                          capture_output=True, text=True)
    if done.returncode:
        raise keys.NoStore("softhsm2-util: %s" % (done.stderr.strip() or done.stdout.strip()))
    made = _token(folder, about, first)
    made.change_pin(first, pin)
    made.close()
