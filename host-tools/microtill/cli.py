# cli.py: the one command: its verbs, their options, how they print. What they do is in verbs/. Exit: 0 yes, 1 no, 2 usage or no such device.
import datetime
import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from microtill import show
from microtill.cli_keys import State, audit, default_state, keys, update

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]}, help="A payment terminal that you can script, break and watch.")
app.add_typer(keys, name="keys")
app.add_typer(update, name="update")
app.add_typer(audit, name="audit")


@app.callback()
def main(context: typer.Context,
         target: Annotated[str, typer.Option(help="Where the firmware runs: sim, qemu-stm32; for `test` a serial port too.")] = "sim",
         build: Annotated[str, typer.Option(help="Of qemu-stm32: development, or production, which has no prompt and no compiler.")] = "development",
         as_json: Annotated[bool, typer.Option("--json", help="One JSON object or array on standard output, nothing else.")] = False,
         verbose: Annotated[bool, typer.Option("-v", help="More, and a traceback where something fails.")] = False,
         quiet: Annotated[bool, typer.Option("-q", help="Less.")] = False):
    from microtill.bench import targets
    port = context.invoked_subcommand == "test" and ("://" in target or os.path.exists(target))
    if target not in targets.names() and not port:
        raise typer.BadParameter("no such target: %s (there are: %s%s)" % (
            target, ", ".join(targets.names()), ", or a serial port" if context.invoked_subcommand == "test" else ""))
    if build not in targets.BUILDS or build != targets.BUILDS[0] and target != "qemu-stm32":
        raise typer.BadParameter("no such build of %s: %s" % (target, build))
    context.meta["target"] = target
    targets.choose_build(build)
    if not port:
        targets.choose(target)
    context.obj = show.Output(as_json, verbose, quiet)


@app.command()
def pay(context: typer.Context, amount: Annotated[str, typer.Argument(help="12.50, or 12")],
        card: Annotated[str, typer.Option(help="A card of `microtill cards`.")] = "visa",
        pin: Annotated[Optional[str], typer.Option(help="What the customer enters where asked; default: the card's own PIN.")] = None,
        seed: Annotated[int, typer.Option(help="The same seed on an empty folder gives the same bytes.")] = 1,
        receipt: Annotated[Optional[Path], typer.Option(help="Save the customer's receipt as a PNG.")] = None,
        real: Annotated[bool, typer.Option("--real", help="In real time, for people who watch.")] = False,
        host: Annotated[Optional[str], typer.Option(help="HOST:PORT of another bank, instead of the bench's own.")] = None,
        no_bank: Annotated[bool, typer.Option("--no-bank", help="The bank does not answer the door.")] = False,
        pulled_at: Annotated[Optional[int], typer.Option(help="The card leaves at this command, counted from 1.")] = None,
        wrong_card_key: Annotated[bool, typer.Option("--wrong-card-key", help="One byte of the card's key is changed at the bank.")] = False,
        wired: Annotated[bool, typer.Option("--wired", help="Of qemu-stm32: reader, printer, modem, keypad on real pins, in real time.")] = False,
        state: State = None):
    """One payment by a scripted customer, in stepped time."""
    from microtill.verbs import pay as verb
    context.obj.end(verb.command, state or default_state(), amount, card, pin, seed, receipt, real, host, no_bank, pulled_at, wrong_card_key,
                    wired)


@app.command()
def day(context: typer.Context,
        seed: Annotated[int, typer.Option(help="Another seed, another day; the same one, the same day.")] = 1,
        customers: Annotated[int, typer.Option(min=20, max=2000, help="How many come.")] = 400,
        report: Annotated[Optional[Path], typer.Option(help="Draw the day as a PNG.")] = None,
        state: State = None):
    """A day in a shop, in stepped time: scripted customers, bad luck, a settlement; both books at its end. Keeps nothing without --state."""
    from microtill.verbs import day as verb
    context.obj.end(verb.command, state, seed, customers, report)


@app.command()
def torture(context: typer.Context,
            sweeps: Annotated[str, typer.Option("--sweep", help="Of: power, link, card, health, line.")] = "power,link,card,health",
            flows: Annotated[str, typer.Option("--flow", help="Of: sale, kiosk, refund, void, reversal, bank, ways, settle; of keys: provision, "
                                               "zeroise, counter, pin_tries, update (sweeps power and line).")] = "sale",
            seeds: Annotated[int, typer.Option(min=0, help="So many pairs of faults by chance.")] = 0,
            out: Annotated[Optional[Path], typer.Option(help="Folder for a recording of each violation; build/torture.")] = None,
            jobs: Annotated[int, typer.Option(min=1, help="Processes; one a core.")] = os.cpu_count() or 1,
            first: Annotated[bool, typer.Option("--first", help="Stop at the first violation.")] = False,
            every: Annotated[int, typer.Option(min=1, help="Only each so-manieth run.")] = 1,
            replay: Annotated[Optional[Path], typer.Option(help="Do one recording again; ends 1 where something else came out.")] = None):
    """Faults at every point of the flows named: each ends with one effect, the same on both sides, or is recorded."""
    from microtill.verbs import torture as verb
    context.obj.end(verb.command, sweeps, flows, seeds, out, jobs, first, every, replay)


@app.command()
def cards(context: typer.Context, state: State = None):
    """The bench's cards, by behaviour, and what each promises."""
    from microtill.verbs import cards as verb
    context.obj.end(verb.cards)


@app.command()
def triggers(context: typer.Context, state: State = None):
    """The rule table, with counts, refusals and latencies of this state folder."""
    from microtill.verbs import triggers as verb
    context.obj.end(verb.triggers, state or default_state())


@app.command("why-not")
def why_not(context: typer.Context, action: Annotated[str, typer.Argument(help="sale, void, refund, settle, training ...: a flow or a trigger")],
            battery: Annotated[Optional[float], typer.Option(help="per cent")] = None,
            mains: Annotated[Optional[bool], typer.Option(help="plugged in?")] = None,
            case: Annotated[Optional[float], typer.Option(help="degrees Celsius in the case")] = None,
            at: Annotated[Optional[datetime.datetime], typer.Option(help="the time of day and date (UTC) to ask about")] = None,
            state: State = None):
    """Which guard would refuse an action now, and what would change that."""
    from microtill.verbs import why_not as verb
    around = {"battery_percent": battery, "mains": mains, "case_c": case}
    context.obj.end(verb.why_not, state or default_state(), action, around, at)


params = typer.Typer(no_args_is_help=True, help="The owner's settings: whole or not at all.")
app.add_typer(params, name="params")
File = Annotated[Path, typer.Argument(help="A TOML file; see: microtill params example")]


@params.command()
def check(context: typer.Context, file: File):
    """Is every setting good? Each error with its line and reason."""
    from microtill.verbs import params as verb
    context.obj.end(verb.check, file)


@params.command("show")
def show_settings(context: typer.Context, state: State = None):
    """What is in force in a state folder, as a file."""
    from microtill.verbs import params as verb
    context.obj.end(verb.show, state or default_state())


@params.command()
def load(context: typer.Context, file: File, state: State = None):
    """Hand the settings to the terminal; they count from its next quiet moment."""
    from microtill.verbs import params as verb
    context.obj.end(verb.load, state or default_state(), file)


@params.command("try")
def try_settings(context: typer.Context, file: File,
                 journal: Annotated[bool, typer.Option("--journal", help="on the journal's past triggers (the only past there is)")] = True,
                 state: State = None):
    """Which past outcomes would have been others under these settings?"""
    from microtill.verbs import params as verb
    context.obj.end(verb.attempt, state or default_state(), file)


@params.command()
def example(context: typer.Context):
    """Every setting with its default and what it is, as a file to begin with."""
    from microtill.verbs import params as verb
    context.obj.end(verb.example)


@params.command("pin")
def role_pin(context: typer.Context, role: Annotated[str, typer.Argument(help="operator, supervisor or technician")],
             digits: Annotated[Optional[str], typer.Option("--pin", help="asked where it is not given")] = None):
    """The line that gives a role its PIN: a salted slow hash."""
    from microtill.verbs import params as verb
    context.obj.end(verb.pin, role, digits)


@app.command()
def condition(context: typer.Context, name: Annotated[str, typer.Argument(help="such as weather")],
              word: Annotated[str, typer.Argument(help="such as storm")],
              until: Annotated[datetime.datetime, typer.Option(help="when it goes stale (UTC)")], state: State = None):
    """News from outside for the terminal's guards, with an end."""
    from microtill.verbs import params as verb
    context.obj.end(verb.condition, state or default_state(), name, word, until.replace(tzinfo=datetime.UTC))


@app.command()
def journal(context: typer.Context, state: State = None):
    """What the terminal believes: every record on its flash."""
    from microtill.verbs import books as verb
    context.obj.end(verb.journal, state or default_state())


@app.command()
def ledger(context: typer.Context, state: State = None):
    """What the bank believes."""
    from microtill.verbs import books as verb
    context.obj.end(verb.ledger, state or default_state())


@app.command()
def reconcile(context: typer.Context, state: State = None):
    """The two side by side; ends 1 where they differ."""
    from microtill.verbs import books as verb
    context.obj.end(verb.reconcile, state or default_state())


@app.command()
def vectors(context: typer.Context, files: Annotated[list[Path], typer.Argument(help="Vector files (JSON with a kind).")]):
    """Run vector files through the device's own code."""
    from microtill.verbs import vectors as verb
    context.obj.end(verb.vectors, files)


@app.command("test")
def test_on_target(context: typer.Context,
                   places: Annotated[Optional[list[str]], typer.Argument(help="Folders, files or file::test; all of tests/target.")] = None,
                   words: Annotated[str, typer.Option("-k", help="Only those whose id has these words: journal and not torn.")] = "",
                   junit: Annotated[Optional[Path], typer.Option(help="Write JUnit's XML.")] = None,
                   html: Annotated[Optional[Path], typer.Option(help="Write a page of its own.")] = None,
                   record: Annotated[Optional[Path], typer.Option(help="Write a test record (JSON, in OpenHTF's shape).")] = None,
                   rig: Annotated[Optional[Path], typer.Option(help="Of a board: the rig at its wires (docs/rig.md).")] = None,
                   hung: Annotated[float, typer.Option(help="Seconds of the wall's clock after which a silent target hangs.")] = 30):
    """The tests that run on the target itself, each told as it ends; 1 where one failed."""
    from microtill.verbs import test as verb
    context.obj.end(verb.command, context.meta["target"], places or [], words, hung, junit, html, record, rig)


@app.command()
def explain(context: typer.Context, ident: Annotated[str, typer.Argument(metavar="ID", help="A trigger's id, a STAN, or: last")],
            state: State = None):
    """The story of a trigger or a payment, step by step, with clauses."""
    from microtill.verbs import explain as verb
    context.obj.end(verb.explain, state or default_state(), ident)


@app.command()
def trace(context: typer.Context, pcap: Annotated[Optional[Path], typer.Option(help="Also write the host messages as a capture file.")] = None,
          last: Annotated[int, typer.Option(help="Only the newest so many rows.")] = 0, state: State = None):
    """Decoded traffic of card and host, masked."""
    from microtill.verbs import trace as verb
    context.obj.end(verb.trace, state or default_state(), pcap, last)


@app.command()
def chip(context: typer.Context, name: Annotated[str, typer.Argument(help="pn532, escpos or esp_at")],
         link: Annotated[Optional[Path], typer.Option(help="Where a pseudo-terminal appears.")] = None,
         port: Annotated[Optional[str], typer.Option(help="Or the serial adapter that a real board is wired to.")] = None,
         baud: Annotated[Optional[int], typer.Option(min=1200, help="What the printer is set to; 115200.")] = None,
         card: Annotated[Optional[str], typer.Option(help="The card in the reader's field.")] = None,
         out: Annotated[Optional[Path], typer.Option(help="Folder for a PNG at each paper cut.")] = None):
    """Offer one chip model on a pty or a serial adapter, until interrupted."""
    from microtill.verbs.chip import chip as verb
    sys.exit(verb(name, str(link) if link else None, card, str(out) if out else None, port, baud, as_json=context.obj.as_json))


@app.command()
def rig(context: typer.Context, file: Annotated[Path, typer.Argument(help="A TOML file: which part is at which port; docs/rig.md.")]):
    """The bench's chips at a real terminal's wires, by serial adapters and a pod, until interrupted."""
    from microtill.verbs import rig as verb
    context.obj.end(verb.rig, file)


@app.command()
def bank(context: typer.Context, port: Annotated[int, typer.Option(help="0: any free one.")] = 0, state: State = None):
    """The acquirer alone, on loopback, until interrupted."""
    from microtill.verbs.bank import bank as verb
    sys.exit(verb(str(state or default_state()), port, context.obj.as_json))


@app.command("run")
def run_console(context: typer.Context, http: Annotated[int, typer.Option("--http", min=0, max=65535, help="The port; 0: any free one.")] = 0,
                no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address and open nothing.")] = False,
                seed: Annotated[int, typer.Option(help="Another seed, other numbers.")] = 1,
                state: State = None):
    """A terminal under your hands, in real time, with a page to press its keys; keeps nothing without --state."""
    from microtill.verbs.run import run as verb
    sys.exit(verb(state, http, seed, not no_browser, context.obj.as_json))


@app.command()
def play(context: typer.Context, file: Annotated[Path, typer.Argument(help="A recording of the console, or of a torture.")]):
    """Do a recording again in stepped time; ends 1 where something else came out."""
    from microtill.verbs import play as verb
    context.obj.end(verb.play, file)


@app.command()
def provision(context: typer.Context, serial: Annotated[Optional[str], typer.Option(help="The serial number that the terminal gets.")] = None,
              batch: Annotated[Optional[Path], typer.Option(help="A CSV with a column serial: a tray of boards.")] = None,
              tdes: Annotated[bool, typer.Option("--tdes", help="Instead: its key for PINs under TDES, once its settings want such.")] = False,
              seed: Annotated[int, typer.Option(help="Of the bench's chance.")] = 1, state: State = None):
    """A blank terminal becomes a known one: identity, keys from the key store, lock; with a certificate to print."""
    from microtill.verbs import provision as verb
    context.obj.end(verb.provision, state or default_state(), serial, batch, seed, tdes)


@app.command()
def zeroise(context: typer.Context, serial: Annotated[str, typer.Option(help="The serial number of the terminal that is meant.")],
            even_if_owing: Annotated[bool, typer.Option("--even-if-owing", help="A debt that is open then stays open for ever.")] = False,
            state: State = None):
    """Every key of a terminal is destroyed, for good."""
    from microtill.verbs import zeroise as verb
    context.obj.end(verb.zeroise, state or default_state(), serial, even_if_owing)


@app.command()
def tamper(context: typer.Context, lift: Annotated[Optional[str], typer.Option(metavar="SERIAL", help="Let payments begin at this terminal.")] = None,
           state: State = None):
    """Does an attack hold payments at a terminal? Ends 1 where it does."""
    from microtill.verbs import tamper as verb
    context.obj.end(verb.tamper, state or default_state(), lift)


@app.command()
def clock(context: typer.Context, set_it: Annotated[bool, typer.Option("--set", help="Put the terminal's right; it goes on its audit.")] = False,
          state: State = None):
    """What time it is at the terminal and here; ends 1 where they differ."""
    from microtill.verbs import clock as verb
    context.obj.end(verb.clock, state or default_state(), set_it)


@app.command()
def flash(context: typer.Context, board: Annotated[Optional[str], typer.Option(help="esp32s3, stm32 or blackpill; by default what is seen.")] = None,
          image: Annotated[Optional[Path], typer.Option(help="A firmware: .bin, or .dfu for an STM32; default: the one in build/BOARD.")] = None,
          port: Annotated[Optional[str], typer.Option(help="The serial port; by default the only one that fits.")] = None):
    """MicroPython onto a board. A wrong image is refused before a byte is written."""
    from microtill.verbs import flash as verb
    context.obj.end(verb.flash, board, image, port)


@app.command()
def deploy(context: typer.Context, port: Annotated[Optional[str], typer.Option(help="The serial port; by default the only one that fits.")] = None,
           board: Annotated[Optional[str], typer.Option(help="esp32s3, stm32 or blackpill; by default what it calls itself.")] = None):
    """Our application onto a board that runs MicroPython, as a ROMFS; written only where it differs, and read back."""
    from microtill.verbs import deploy as verb
    context.obj.end(verb.deploy, board, port)


@app.command()
def doctor(context: typer.Context, port: Annotated[Optional[str], typer.Option(help="The board to examine; by default the only one.")] = None,
           keys: Annotated[bool, typer.Option("--keys/--no-keys", help="Ask for each key to be pressed once.")] = True,
           set_clock: Annotated[bool, typer.Option("--set-clock", help="Set the board's clock to this machine's first.")] = False):
    """What is at the serial ports, and one board's wiring walked by our own drivers: what is not well, and what to do."""
    from microtill.verbs import doctor as verb
    context.obj.end(verb.doctor, port, keys, set_clock)


def run():
    app()


if __name__ == "__main__":
    run()
