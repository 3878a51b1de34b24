# escpos_font.py: the printer's character generator: cells of 12x24 and 9x17 dots, code pages, national sets; Chinese in cells of 24x24 from
# GNU Unifont. An unknown character is a box, as is a Chinese one where that font is missing.
from functools import cache, lru_cache
from importlib import resources

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from microtill import glyphs

CELLS = {"A": (12, 24), "B": (9, 17), "Chinese": (24, 24)}     # Epson's at 203 dots an inch
_FACES = {"A": (20, 19), "B": (15, 14)}         # size in pixels and baseline that fill the cell
_EDGE = {"A": "L", "B": "1"}                    # the small one is hinted to whole dots, or its strokes differ in weight
_SOFT, _DARK = 2.2, 92                          # blur in sixths of a dot, and grey level, for enlarged Chinese
_BURNT = 105                                    # grey level from which a dot is burnt
CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737", 15: "iso8859_7", 16: "cp1252",
              17: "cp866", 18: "cp852", 19: "cp858", 32: "cp720", 33: "cp775", 34: "cp855", 35: "cp861", 36: "cp862", 37: "cp864",
              38: "cp869", 39: "iso8859_2", 40: "iso8859_15", 45: "cp1250", 46: "cp1251", 47: "cp1253", 48: "cp1254"}
_PLACES = b"#$@[\\]^`{|}~"                      # where national sets differ (ESC R)
_NATIONAL = ("#$@[\\]^`{|}~", "#$à°ç§^`éùè¨", "#$§ÄÖÜ^`äöüß", "£$@[\\]^`{|}~", "#$@ÆØÅ^`æøå~", "#¤ÉÄÖÅÜéäöåü", "#$@°\\é^ùàòèì",
             "₧$@¡Ñ¿^`¨ñ}~", "#$@[¥]^`{|}~", "#¤ÉÆØÅÜéæøåü", "#$ÉÆØÅÜéæøåü", "#$á¡Ñ¿é`íñóú", "#$á¡Ñ¿éüíñóú",
             "₩$@[₩]^`{|}~")


@cache
def _face(font):
    path = resources.files("barcode") / "fonts" / "DejaVuSansMono.ttf"
    with resources.as_file(path) as file:
        return ImageFont.truetype(str(file), _FACES[font][0])


def character(code, page, national):
    """What byte `code` (32..255) means on code page `page` with national set `national`."""
    if code < 0x80:
        at = _PLACES.find(code)
        return chr(code) if at < 0 else _NATIONAL[national if national < len(_NATIONAL) else 0][at]
    return bytes((code,)).decode(CODE_PAGES.get(page, "cp437"), "replace")


@lru_cache(maxsize=2048)
def glyph(text, font):
    """One character as an image of mode "L", 255 where a dot is burnt, as large as the font's cell."""
    width, height = CELLS[font]
    cell = Image.new("L", (width, height), 0)
    if font == "Chinese":
        return _chinese(text)
    if text == "\ufffd":
        ImageDraw.Draw(cell).rectangle((1, 4, width - 3, height - 6), outline=255)
        return cell
    pen = ImageDraw.Draw(cell)
    pen.fontmode = _EDGE[font]
    pen.text((0, _FACES[font][1]), text, font=_face(font), fill=255, anchor="ls")
    return cell.point(lambda grey: 255 if grey >= _BURNT else 0)


def _chinese(text):
    """A glyph of 16x16 dots as one of 24x24: enlarged, softened, and burnt where it is dark enough, so that strokes keep their weight."""
    width, height = CELLS["Chinese"]
    dots = glyphs.font() and glyphs.font().glyph(text)
    if not dots or text == "\ufffd":
        cell = Image.new("L", (width, height), 0)
        ImageDraw.Draw(cell).rectangle((2, 2, width - 4, height - 4), outline=255)
        return cell
    small = Image.new("L", (16, 16), 0)
    small.paste(Image.frombytes("1", (len(dots) // 2, 16), dots), ((32 - len(dots)) // 4, 0))
    large = small.resize((96, 96), Image.Resampling.NEAREST).filter(ImageFilter.GaussianBlur(_SOFT))
    return large.resize((width, height), Image.Resampling.BOX).point(lambda grey: 255 if grey >= _DARK else 0)


@lru_cache(maxsize=4096)
def styled(text, font, wide, high, bold, underline, inverse):
    """A character as it is burnt: enlarged by whole dots, `bold` struck twice, `underline` 0 to 2 dots, `inverse` white on black."""
    cell = glyph(text, font)
    if bold:
        struck = Image.new("L", cell.size, 0)
        struck.paste(cell, (1, 0))
        cell = Image.composite(Image.new("L", cell.size, 255), struck, cell)
    if wide > 1 or high > 1:
        cell = cell.resize((cell.width * wide, cell.height * high), Image.Resampling.NEAREST)
    if underline:
        cell = cell.copy()
        cell.paste(255, (0, cell.height - underline, cell.width, cell.height))
    return cell.point(lambda grey: 255 - grey) if inverse else cell
