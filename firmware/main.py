# main.py: boot order; the only file that imports a board. Storage first, then the console, then everything else.
import asyncio

import board
from till.build import Till

till = Till(board)
asyncio.run(till.serve() if board.service() else till.assemble(board).run())
