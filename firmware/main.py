# main.py: boot order; the only file that imports a board. Storage first, then the console, then everything else.
import board


def start(image):
    """The terminal, of the modules that are found first. `image`: of which application image they are (boot.py)."""
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
        till.image = image
        return till.serve() if board.service() else till.assemble(board).run()

    asyncio.run(life())


if board.images:                        # the class of those that this board takes
    from till import boot
    boot.begin(board, start)
else:
    start(None)
