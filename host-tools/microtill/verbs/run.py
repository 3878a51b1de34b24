# run.py: `microtill run`: a terminal under people's hands in real time, and its page. Ends 0 by SIGINT or SIGTERM, 2 where the port is taken.
import asyncio
import json
import os
import sys
import webbrowser

from microtill.console.server import HOST, PortTaken, Server, serve


def run(state, port, seed, browser=True, as_json=False):
    """Serve until interrupted; `state`: a folder, or None for a bench that forgets. Returns the exit status."""
    server = Server(state, seed, port)

    def ready(url):
        print(json.dumps({"url": url}) if as_json else "%s   (test keys; Ctrl-C ends it)" % url, flush=True)
        if browser and has_screen():
            webbrowser.open(url)
    try:
        asyncio.run(serve(server, ready))
    except PortTaken:
        print("N01 port %d of %s is not free: choose another with --http, or 0 for any" % (port, HOST), file=sys.stderr)
        return 2
    return 0


def has_screen():
    """Is there a desktop on which a browser could open?"""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
