# bank.py: `microtill bank`: the acquirer alone, on loopback, until interrupted. Ends 2 where the port is taken.
import json
import sys
from pathlib import Path

from microtill.bench.acquirer.bank import Bank
from microtill.bench.acquirer.serve import HOST, serve


def bank(state, port=0, json_out=False):
    """Serves a bank whose ledger is `state`/bank.sqlite (None: in memory). Prints one line with the port. Returns the exit status."""
    path = ":memory:"
    if state is not None:
        Path(state).mkdir(parents=True, exist_ok=True)
        path = Path(state) / "bank.sqlite"
    acquirer = Bank(path)

    def ready(taken, end):
        words = json.dumps({"port": taken}) if json_out else f"bank on {HOST}:{taken} (test keys); Ctrl-C ends it"
        print(words, flush=True)

    try:
        serve(acquirer, port, ready)
    except OSError:
        print(f"N01 port {port} of {HOST} is not free: choose another with --port, or 0 for any", file=sys.stderr)
        return 2
    finally:
        acquirer.close()
    return 0
