# day_chart.py: a day as one picture: payments by the quarter of an hour, what went wrong above and below them, cell and heat, every alarm.
# Drawn with Pillow's own font, so it looks the same everywhere. It cannot fail for what a day may hold; what has no room is left out.
from PIL import Image, ImageDraw, ImageFont

from microtill.day import BEGIN, CLOSE_H, HOURS, OPEN_H
from microtill.day_report import OUTCOMES, day_name, money

WIDTH, HEIGHT = 1600, 1000
_FINE = 2                                   # drawn so many times larger, then made small: smooth lines
_LEFT, _RIGHT = 84, 1524                    # 1,440 pixels: one a minute
_TOP, _BASE = 262, 560                      # of the bars
_CURVE_TOP, _CURVE_BASE = 624, 800
_ALARM_TOP, _ALARM_HIGH = 838, 15
_BIN_S = 900
PAPER, INK, SOFT, GRID = (253, 253, 251), (33, 37, 46), (110, 117, 130), (229, 231, 235)
COLOURS = {"approved": (61, 153, 112), "declined": (204, 75, 76), "cancelled": (236, 172, 70), "no answer": (124, 92, 168),
           "refused": (142, 152, 168)}
BANDS = {"closed": (240, 241, 244), "holiday": (230, 237, 248), "network": (251, 222, 219), "mains": (255, 240, 199)}
_WORDS = {"closed": "closed", "holiday": "holiday", "network": "no network", "mains": "no mains"}
CELL, HEAT, FAN = (37, 99, 180), (214, 106, 34), (226, 160, 112)
LEVELS = {"notice": (150, 170, 205), "warning": (236, 172, 70), "critical": (204, 75, 76)}
_MOST_ALARMS = 8


class _Sheet:
    """A drawing in whole pixels of the small picture."""

    def __init__(self):
        self.image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), PAPER)
        self._draw, self._fonts = ImageDraw.Draw(self.image), {}

    def _font(self, size):
        if size not in self._fonts:
            self._fonts[size] = ImageFont.load_default(size * _FINE)
        return self._fonts[size]

    def box(self, left, top, right, base, colour, round_px=0):
        if right > left and base > top:
            corners = [round(left * _FINE), round(top * _FINE), round(right * _FINE) - 1, round(base * _FINE) - 1]
            self._draw.rounded_rectangle(corners, round_px * _FINE, fill=colour)

    def line(self, points, colour, width=1.0):
        self._draw.line([(x * _FINE, y * _FINE) for x, y in points], fill=colour, width=max(1, round(width * _FINE)), joint="curve")

    def dashes(self, left, right, y, colour):
        for x in range(int(left), int(right), 9):
            self.line([(x, y), (min(x + 5, right), y)], colour)

    def text(self, x, y, words, size=14, colour=INK, anchor="lm", heavy=False):
        self._draw.text((x * _FINE, y * _FINE), words, fill=colour, font=self._font(size), anchor=anchor, stroke_width=1 if heavy else 0,
                        stroke_fill=colour)

    def width(self, words, size=14):
        return self._font(size).getlength(words) / _FINE

    def save(self, path):
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.quantize(128, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE).save(path, "PNG", optimize=True)


def png(day, report, path):
    """Write the picture of a day (day.Day) and its report (day_report.of)."""
    sheet = _Sheet()
    _head(sheet, report)
    _bands(sheet, day)
    _marks(sheet, report)
    _bars(sheet, day.guests)
    _curves(sheet, day.samples)
    _alarms(sheet, report["alarms"])
    _foot(sheet, report)
    sheet.save(path)


def _x(seconds):
    return _LEFT + (_RIGHT - _LEFT) * min(max(seconds, 0), HOURS * 3600) / (HOURS * 3600)


def _head(sheet, report):
    sheet.text(_LEFT, 40, "A day in a shop", 34, heavy=True)
    sheet.text(_RIGHT, 34, "%s, 06:00 to 06:00 UTC" % day_name(), 17, SOFT, "rm")
    sheet.text(_RIGHT, 56, "%d people at one payment terminal on the bench, seed %d" % (report["customers"], report["seed"]), 15, SOFT, "rm")
    wide, gap = 274, 17.5
    for at, name in enumerate(OUTCOMES):
        left = _LEFT + at * (wide + gap)
        sheet.box(left, 82, left + wide, 150, (255, 255, 255), 6)
        sheet.box(left, 82, left + 5, 150, COLOURS[name], 2)
        sheet.text(left + 20, 116, str(report["outcomes"][name]), 32, heavy=True)
        beside = left + 32 + sheet.width(str(report["outcomes"][name]), 32)
        sheet.text(beside, 107, name, 17)
        sheet.text(beside, 129, money(report["approved_minor"]) if name == "approved" else _why(report, name), 14, SOFT)


def _why(report, outcome):
    """The commonest reason, in the display's words, as far as there is room."""
    said = next((row["said"] for row in report["reasons"] if row["outcome"] == outcome), "")
    return said if len(said) <= 30 else said[:29].rsplit(" ", 1)[0] + " ..."


def _hours(sheet, y):
    for hour in range(0, HOURS + 1):
        if hour % 2 == 0:
            sheet.text(_x(hour * 3600), y, "%02d:00" % ((BEGIN.hour + hour) % 24), 14, SOFT, "mm")


def _bands(sheet, day):
    """What lay over the day, from the bars down to the curves."""
    open_s, close_s, midnight_s = ((hour - BEGIN.hour) * 3600 for hour in (OPEN_H, CLOSE_H, 24))
    bands = [("closed", 0, open_s), ("closed", close_s, midnight_s), ("holiday", midnight_s, HOURS * 3600), *day.bands]
    for kind, first, last in bands:
        for top, base in ((_TOP, _BASE), (_CURVE_TOP, _CURVE_BASE)):
            sheet.box(_x(first), top, _x(last), base, BANDS[kind])
    for kind, first, last in bands:
        words, colour = _WORDS[kind], tuple(part * 5 // 9 for part in BANDS[kind])
        fits = sheet.width(words, 13) < _x(last) - _x(first) - 16
        if fits and last >= close_s:            # the flags of the evening are on its left
            sheet.text(_x(last) - 8, _TOP + 12, words, 13, colour, "rm")
        else:
            sheet.text((_x(first) + _x(last)) / 2, _TOP + 12 if fits else _TOP - 11, words, 13, colour, "mm")


def _bars(sheet, guests):
    """Stacks of payments, the approved ones below."""
    bins = [[0] * len(OUTCOMES) for _ in range(HOURS * 3600 // _BIN_S)]
    for guest in guests:
        if guest.outcome in OUTCOMES:
            bins[min(guest.begin_s // _BIN_S, len(bins) - 1)][OUTCOMES.index(guest.outcome)] += 1
    most = max(4, max(map(sum, bins)))
    step = 5 if most > 12 else 2 if most > 5 else 1
    unit = (_BASE - _TOP - 30) / most
    for count in range(0, most + 1, step):
        sheet.line([(_LEFT, _BASE - count * unit), (_RIGHT, _BASE - count * unit)], GRID)
        sheet.text(_LEFT - 10, _BASE - count * unit, str(count), 14, SOFT, "rm")
    for at, counts in enumerate(bins):
        left, base = _x(at * _BIN_S), _BASE
        for name, count in zip(OUTCOMES, counts):
            sheet.box(left + 1.5, base - count * unit + 0.5, _x((at + 1) * _BIN_S) - 1.5, base, COLOURS[name], 1 if count else 0)
            base -= count * unit
    sheet.line([(_LEFT, _BASE), (_RIGHT, _BASE)], SOFT, 1.2)
    sheet.text(_LEFT, 178, "Payments in each quarter of an hour", 17, heavy=True)
    x = _RIGHT
    for name in reversed(OUTCOMES):
        x -= sheet.width(name, 15)
        sheet.text(x, 178, name, 15)
        sheet.box(x - 20, 171, x - 7, 184, COLOURS[name], 2)
        x -= 42
    _hours(sheet, _BASE + 18)


def _marks(sheet, report):
    """Single moments: a flag each, on the first of three rows where it does not cover another."""
    moments = [(row["at"], "Z report, %d sales" % row["sales"] if row["what"] == "z" else "settled, %s" % money(row["minor"]))
               for row in report["closings"]]
    moments += [(alarm["began"], "paper out") for alarm in report["alarms"] if alarm["name"] == "paper_out"]
    moments += [(row["at"], "bank never answers") for row in report["diary"] if "never answers" in row["what"]]
    ends = [0, 0]
    for at, words in sorted(moments):
        x = _x(_seconds(at))
        row = next((row for row in range(len(ends)) if ends[row] < x - 6), len(ends) - 1)
        y = 208 + 20 * row
        ends[row] = x + 12 + sheet.width(words, 14)
        sheet.line([(x, y), (x, _BASE)], INK, 0.8)
        sheet.box(x - 3.5, y - 3.5, x + 3.5, y + 3.5, INK, 3)
        sheet.text(x + 9, y, words, 14)


def _seconds(at):
    """"22:30" or "05:10+1" -> seconds into the day."""
    hours, minutes = int(at[:2]), int(at[3:5])
    return (hours - BEGIN.hour + (24 if at.endswith("+1") else 0)) * 3600 + minutes * 60


def _curves(sheet, samples):
    """The cell in per cent on the left, the case in degrees on the right, the fan below."""
    high = _CURVE_BASE - _CURVE_TOP
    coldest, warmest = 5, 60

    def warm(celsius):
        return _CURVE_BASE - high * (celsius - coldest) / (warmest - coldest)
    for percent in (0, 50, 100):
        y = _CURVE_BASE - high * percent / 100
        sheet.line([(_LEFT, y), (_RIGHT, y)], GRID)
        sheet.text(_LEFT - 10, y, "%d %%" % percent, 14, CELL, "rm")
    for celsius in (20, 40, 60):
        sheet.text(_RIGHT + 8, warm(celsius), "%d °C" % celsius, 14, HEAT)
    sheet.dashes(_LEFT, _RIGHT, _CURVE_BASE - high * 15 / 100, CELL)
    sheet.text(_LEFT + 8, _CURVE_BASE - high * 15 / 100 - 10, "without mains no new sale below 15 %", 13, CELL)
    sheet.dashes(_LEFT, _RIGHT, warm(45), HEAT)
    sheet.text(_LEFT + 8, warm(45) - 10, "the fan runs from 45 °C", 13, HEAT)
    for (first, *_rest, rpm), (last, *_more) in zip(samples, samples[1:]):
        if rpm > 100:
            sheet.box(_x(first), _CURVE_BASE - 7, _x(last), _CURVE_BASE, FAN)
    sheet.line([(_x(at_s), warm(celsius)) for at_s, _percent, celsius, _rpm in samples], HEAT, 2.2)
    sheet.line([(_x(at_s), _CURVE_BASE - high * percent / 100) for at_s, percent, _celsius, _rpm in samples], CELL, 2.2)
    sheet.text(_LEFT, _CURVE_TOP - 18, "Battery", 17, CELL, heavy=True)
    sheet.text(_LEFT + 66, _CURVE_TOP - 18, "and heat in the case", 17, HEAT, heavy=True)
    sheet.text(_RIGHT, _CURVE_TOP - 18, "foot of the chart: fan on", 14, SOFT, "rm")


def _alarms(sheet, alarms):
    """A row for each alarm that ever stood, its level as its colour."""
    names = list(dict.fromkeys(alarm["name"] for alarm in alarms))[:_MOST_ALARMS]
    x = _LEFT
    sheet.text(x, _ALARM_TOP - 16, "Alarms", 17, heavy=True)
    for name, colour in LEVELS.items():
        left = _RIGHT - 250 + 90 * list(LEVELS).index(name)
        sheet.box(left, _ALARM_TOP - 21, left + 12, _ALARM_TOP - 11, colour, 2)
        sheet.text(left + 18, _ALARM_TOP - 16, name, 14, SOFT)
    for row, name in enumerate(names):
        y = _ALARM_TOP + row * _ALARM_HIGH
        sheet.line([(_LEFT, y + _ALARM_HIGH - 1), (_RIGHT, y + _ALARM_HIGH - 1)], GRID, 0.5)
        mine = [alarm for alarm in alarms if alarm["name"] == name]
        for alarm in mine:
            first, last = _x(alarm["began_s"]), _x(alarm["ended_s"] if alarm["ended_s"] is not None else HOURS * 3600)
            sheet.box(first, y + 2, max(last, first + 4), y + _ALARM_HIGH - 2, LEVELS[alarm["level"]], 2)
        words = name.replace("_", " ")
        sheet.text(_x(mine[0]["began_s"]) - 8, y + _ALARM_HIGH / 2, words, 13, INK, "rm")


def _foot(sheet, report):
    batch = next((row for row in report["closings"] if row["what"] == "settled"), None)
    words = ["%d payments in both books" % report["books"]["matched"], "%d differ" % len(report["books"]["differences"])]
    if batch:
        words.append("batch %06d settled at %s: %d sales, %s" % (batch["number"], batch["at"], batch["sales"], money(batch["minor"])))
    words.append("reconciled" if report["reconciled"] else "NOT reconciled")
    sheet.line([(_LEFT, 966), (_RIGHT, 966)], GRID)
    sheet.text(_LEFT, 982, "   ·   ".join(words), 15, SOFT if report["reconciled"] else COLOURS["declined"])
