# cli_keys.py: the verbs that have verbs of their own around keys: `microtill keys`, `update`, `audit`. What they do is in verbs/.
import os
from pathlib import Path
from typing import Annotated, Optional

import typer

State = Annotated[Optional[Path], typer.Option("--state", help="Folder that keeps everything a terminal and its bench keep.")]


def default_state():
    return Path(os.environ.get("XDG_STATE_HOME", Path.home() / ".local" / "state")) / "microtill"


keys = typer.Typer(no_args_is_help=True, help="The key store of a state folder: SoftHSM2, another PKCS#11 token, or a demonstration file.")
KeyName = Annotated[str, typer.Argument(help="bdk, kbpk, station, signing, or bdk-tdes")]


@keys.command("init")
def keys_init(context: typer.Context, store: Annotated[Optional[str], typer.Option(help="softhsm2, file, or the path of a PKCS#11 module.")] = None,
              token: Annotated[Optional[str], typer.Option(help="The label of the module's token, already initialised.")] = None,
              empty: Annotated[bool, typer.Option("--empty", help="Make no key but the bench's test keys: a ceremony will.")] = False,
              tdes: Annotated[bool, typer.Option("--tdes", help="Also a base key for PINs under TDES, for a bank that has nothing newer.")] = False,
              state: State = None):
    """Make a key store, by default in SoftHSM2 where it is installed, and a key of each kind."""
    from microtill.verbs import keys as verb
    context.obj.end(verb.init, state or default_state(), store, token, empty, tdes)


@keys.command("show")
def keys_show(context: typer.Context, state: State = None):
    """Every key: its use, check value and dates."""
    from microtill.verbs import keys as verb
    context.obj.end(verb.show, state or default_state())


@keys.command("derive")
def keys_derive(context: typer.Context, serial: Annotated[str, typer.Argument(help="A terminal's serial number.")], state: State = None):
    """What a terminal of this serial is given: key id and check values."""
    from microtill.verbs import keys as verb
    context.obj.end(verb.derive, state or default_state(), serial)


@keys.command("ceremony")
def keys_ceremony(context: typer.Context, name: Annotated[str, typer.Argument(help="bdk or kbpk")],
                  components: Annotated[int, typer.Option(min=2, max=3, help="How many people bring one.")] = 2, state: State = None):
    """A key out of components, each entered by somebody else; on a pipe: a line of name and a line of hex for each."""
    from microtill.verbs import keys as verb
    context.obj.end(verb.ceremony, state or default_state(), name, components)


@keys.command("rotate")
def keys_rotate(context: typer.Context, name: KeyName, state: State = None):
    """A new generation of a key; the old one stays until it is retired."""
    from microtill.verbs import keys as verb
    context.obj.end(verb.rotate, state or default_state(), name)


@keys.command("retire")
def keys_retire(context: typer.Context, label: Annotated[str, typer.Argument(help="A key and its generation: bdk/1")], state: State = None):
    """A key is never used again; its check value stays on the list."""
    from microtill.verbs import keys as verb
    context.obj.end(verb.retire, state or default_state(), label)


update = typer.Typer(no_args_is_help=True, help="Signed packages for a terminal: its parameters, its application, and the key that signs them.")
Package = Annotated[Path, typer.Argument(help="A package, as `update build` makes it.")]


@update.command("build")
def update_build(context: typer.Context, file: Annotated[Optional[Path], typer.Argument(help="An owner's settings (TOML).")] = None,
                 next_key: Annotated[bool, typer.Option("--next-key", help="Instead: hand over the newest signing key.")] = False,
                 image: Annotated[bool, typer.Option("--image", help="Instead: the application, compiled, for the sim.")] = False,
                 out: Annotated[Path, typer.Option("-o", "--out", help="The package.")] = Path("package.json"),
                 version: Annotated[Optional[int], typer.Option(min=0, help="By default the moment, in Unix seconds.")] = None,
                 floor: Annotated[int, typer.Option(min=0, help="No version below this one may come in afterwards.")] = 0,
                 days: Annotated[int, typer.Option(min=1, help="How long it may be sent.")] = 30, state: State = None):
    """A package out of a file, not signed yet."""
    if (file is not None) + next_key + image != 1:
        raise typer.BadParameter("give a file, or --next-key, or --image")
    from microtill.verbs import update as verb
    if image:
        return context.obj.end(verb.build_image, state or default_state(), out, version, floor, days)
    context.obj.end(verb.build, state or default_state(), file, out, version, floor, days)


@update.command("sign")
def update_sign(context: typer.Context, package: Package, state: State = None):
    """Sign it with the newest signing key of the key store."""
    from microtill.verbs import update as verb
    context.obj.end(verb.sign, state or default_state(), package)


@update.command("verify")
def update_verify(context: typer.Context, package: Package, state: State = None):
    """Are signature, parts and date good? Ends 1 where not."""
    from microtill.verbs import update as verb
    context.obj.end(verb.verify, state or default_state(), package)


@update.command("send")
def update_send(context: typer.Context, package: Package, state: State = None):
    """Hand it to the terminal, which judges for itself."""
    from microtill.verbs import update as verb
    context.obj.end(verb.send, state or default_state(), package)


@update.command("status")
def update_status(context: typer.Context, state: State = None):
    """Which application runs, and which would start next."""
    from microtill.verbs import update as verb
    context.obj.end(verb.status, state or default_state())


audit = typer.Typer(no_args_is_help=True, help="The terminal's own record of who did what to it.")


@audit.command("verify")
def audit_verify(context: typer.Context, state: State = None):
    """Show it, and prove it: nothing missing, altered or out of order. Ends 1 where something is."""
    from microtill.verbs import audit as verb
    context.obj.end(verb.verify, state or default_state())
