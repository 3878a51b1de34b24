# mute.py: what a terminal does whose flash does not answer at its start: it says so, takes nothing, and starts again until flash is there.
import asyncio

from till.core.errors import StorageFault
from till.devices.screen import Screen
from till.ui import words

_AGAIN_S = 10


async def run(board):
    """No settings can be read, so it speaks English; no alarm can be kept, so the display alone tells."""
    told = words.Words(("en",))
    screen = Screen(board.screen(), board.screen_error)
    screen.show(told.screen("closed", *told.refusal(StorageFault.code), "", ""))
    drawing = asyncio.create_task(screen.run())
    await asyncio.sleep(_AGAIN_S)
    drawing.cancel()
    board.restart()
