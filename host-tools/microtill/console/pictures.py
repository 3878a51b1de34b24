# pictures.py: the display and the paper as PNG, made from copies, away from the bench's thread. It cannot fail.
import io

from microtill.bench.chips.escpos_paper import Receipt


def png(image):
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def screen(session, scale):
    """The glass as a photograph, `scale` pixels a dot. In the bench's thread: it is quick."""
    return session.bench.screen.image(scale)


def hanging(session):
    """(paper that hangs out of the printer now, its text). In the bench's thread."""
    sheet = session.bench.printer.sheet
    return Receipt(sheet.image(), sheet.text, session.bench.world.now), sheet.text


def paper(receipt, torn=True):
    """PNG of one piece of paper as a photograph."""
    return png(receipt.picture(torn=torn))
