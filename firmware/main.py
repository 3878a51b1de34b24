# main.py: boot order; the only file that imports a board. Storage first, then the console, then everything else.
import asyncio

import board
from till.build import Till
from till.core.errors import StorageFault


def life():
    """What this start is for: to serve payments, the console alone, or to say that flash does not answer."""
    try:
        till = Till(board)
    except StorageFault:
        from till import mute
        return mute.run(board)
    return till.serve() if board.service() else till.assemble(board).run()


asyncio.run(life())
