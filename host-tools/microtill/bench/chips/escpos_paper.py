# escpos_paper.py: the paper: dots burnt so far, cut off as receipts with their text. It cannot fail; what is too wide ends at the edge.
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

_PAPER, _INK, _TABLE = (252, 251, 247), (38, 36, 44), (226, 228, 232)


class Receipt:
    """One piece of paper. `image`: mode "L", 0 burnt and 255 blank, as wide as the head; `text`: its lines; `at_us`: when it was cut."""

    def __init__(self, image, text, at_us):
        self.image, self.text, self.at_us = image, text, at_us

    def picture(self, scale=2, margin_dots=44, torn=True):
        """The receipt as a photograph would have it: RGB, `scale` pixels a dot, blank margins, a serrated edge, a shadow."""
        head, foot, side = 24, 32, 28
        width, height = self.image.width + 2 * margin_dots, self.image.height + head + foot
        sheet = Image.new("L", (width, height), 255)
        sheet.paste(self.image, (margin_dots, head))
        sheet = sheet.resize((width * scale, height * scale), Image.Resampling.NEAREST)
        soft = sheet.filter(ImageFilter.GaussianBlur(0.35 * scale))
        paper = Image.composite(Image.new("RGB", sheet.size, _PAPER), Image.new("RGB", sheet.size, _INK), soft)
        shape = Image.new("L", sheet.size, 255)
        if torn:
            _serrate(shape, 5 * scale)
        picture = Image.new("RGB", (sheet.width + 2 * side, sheet.height + 2 * side), _TABLE)
        shadow = Image.new("L", picture.size, 0)
        shadow.paste(shape.point(lambda a: a // 4), (side + 2, side + 6))
        picture.paste((90, 95, 110), (0, 0), shadow.filter(ImageFilter.GaussianBlur(8)))
        picture.paste(paper, (side, side), shape)
        return picture

    def png(self, path, **how):
        self.picture(**how).save(path)


def _serrate(shape, tooth):
    """Teeth of the tear bar along the lower edge, and a straight cut above; the same for every receipt."""
    draw, random = ImageDraw.Draw(shape), Random(1)
    for x in range(0, shape.width, tooth):
        depth = tooth * 2 // 3 + random.randrange(max(1, tooth // 4))
        y = shape.height
        draw.polygon([(x, y), (x + tooth // 2, y - depth), (x + tooth, y)], fill=0)


class Paper:
    """What has passed the head since the last cut. `width` in dots."""

    def __init__(self, width):
        self.width = width
        self.clear()

    def clear(self):
        self._strips, self.rows, self._lines = [], 0, []

    def feed(self, rows):
        """Blank paper."""
        self.rows += rows

    def burn(self, strip, x, upside_down=False):
        """An image of mode "L" (255 burnt) at column `x`, below what is there."""
        line = Image.new("L", (self.width, strip.height), 0)
        line.paste(strip, (x, 0))
        self._strips.append((self.rows, line.rotate(180) if upside_down else line))
        self.rows += strip.height

    def say(self, text):
        """A line of the text twin."""
        self._lines.append(text)

    @property
    def text(self):
        return "\n".join(self._lines)

    @property
    def lines(self):
        return list(self._lines)

    def image(self):
        """Mode "L", 0 burnt, 255 blank."""
        whole = Image.new("L", (self.width, max(1, self.rows)), 0)
        for y, strip in self._strips:
            whole.paste(strip, (0, y))
        return ImageChops.invert(whole)

    def cut(self, at_us):
        """What was printed since the last cut, as a Receipt; None where nothing has moved."""
        if not self.rows:
            return None
        receipt = Receipt(self.image(), self.text, at_us)
        self.clear()
        return receipt
