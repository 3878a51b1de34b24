# page.py: a run as one page that needs nothing else: a lamp, the figures, a row for each test. Light or dark as the reader's machine is.
import html as escape
import time

from microtill.harness.life import FAILED, PASSED, SKIPPED
from microtill.harness.report import last_line, limits, within

_STYLE = """
:root { color-scheme: light dark; --back: #f6f5f1; --card: #fff; --ink: #1d2327; --soft: #667078; --line: #e3e1da;
  --good: #1a7f4b; --bad: #c4322b; --idle: #8a6d1b; --good-back: #e5f4ec; --bad-back: #fbe9e7; --idle-back: #f7f0dc; }
@media (prefers-color-scheme: dark) { :root { --back: #14181b; --card: #1c2226; --ink: #e6e9ea; --soft: #97a3aa; --line: #2d363b;
  --good: #4cc38a; --bad: #ff7b72; --idle: #d9b44a; --good-back: #15322a; --bad-back: #3a1f1f; --idle-back: #332c17; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
header { display: flex; gap: 24px; align-items: center; flex-wrap: wrap; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; padding: 24px 28px; }
.lamp { width: 76px; height: 76px; border-radius: 50%; flex: none; }
.lamp.passed { background: radial-gradient(circle at 35% 30%, #b9f3d3, #25a562 55%, #14613a); box-shadow: 0 0 30px #25a56266; }
.lamp.failed { background: radial-gradient(circle at 35% 30%, #ffd0cb, #d8453c 55%, #7f1d17); box-shadow: 0 0 30px #d8453c66; }
h1 { font-size: 26px; margin: 0; line-height: 1.2; }
header p { margin: 4px 0 0; color: var(--soft); }
dl { display: flex; flex-wrap: wrap; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  margin: 18px 0 28px; padding: 6px 8px; }
dl div { flex: 1 1 auto; padding: 8px 20px; }
dt { color: var(--soft); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h2 { font-size: 15px; margin: 26px 0 8px; font-weight: 600; overflow-wrap: anywhere; }
h2 small { color: var(--soft); font-weight: 400; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 500; font-size: 13px; color: var(--soft); }
th, td { padding: 7px 16px; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.time, th.time { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--soft); width: 8em; }
td.word, th.word { width: 7.5em; }
.word span { display: inline-block; font-size: 13px; font-weight: 600; padding: 1px 10px; border-radius: 20px; }
.passed span { color: var(--good); background: var(--good-back); } .failed span { color: var(--bad); background: var(--bad-back); }
.skipped span { color: var(--idle); background: var(--idle-back); }
pre { margin: 8px 0 4px; padding: 10px 12px; background: var(--bad-back); border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 13px/1.45 ui-monospace, monospace; }
.figure { color: var(--soft); font-variant-numeric: tabular-nums; }
.figure b { color: var(--ink); font-weight: 600; } .figure.off b { color: var(--bad); }
.why { color: var(--soft); }
@media (max-width: 620px) { th, td { padding: 7px 10px; } td.word, th.word { width: 1px; } td.time, th.time { display: none; } }
"""


def html(run):
    """The whole page, as str."""
    word = PASSED if run.well else FAILED
    title = "%s: %s" % (run.target, run.line)
    facts = (("Target", run.target), ("Serial", run.serial), ("Firmware", run.firmware), ("Began", _when(run.began_s)),
             ("Took", "%.1f s" % (run.ended_s - run.began_s)))
    parts = ["<!doctype html>", '<html lang="en"><head><meta charset="utf-8">',
             '<meta name="viewport" content="width=device-width, initial-scale=1">',
             "<title>%s</title><style>%s</style></head><body><main>" % (_text(title), _STYLE),
             '<header><div class="lamp %s" role="img" aria-label="%s"></div><div><h1>%s</h1><p>%s</p></div></header>' % (
                 word, word, "Passed" if run.well else "Failed", _text(run.line)),
             "<dl>%s</dl>" % "".join("<div><dt>%s</dt><dd>%s</dd></div>" % (_text(name), _text(value)) for name, value in facts)]
    bad = {result.test.file for result in run.results if result.outcome == FAILED}
    for file in sorted(dict.fromkeys(result.test.file for result in run.results), key=lambda file: file not in bad):
        parts.append(_table(file, [result for result in run.results if result.test.file == file]))
    return "\n".join(parts) + "\n</main></body></html>\n"


def _table(file, results):
    """One file of tests; what failed stands first."""
    order = sorted(results, key=lambda result: result.outcome != FAILED)
    rows = "".join('<tr><td class="word %s"><span>%s</span></td><td>%s%s</td><td class="time">%s</td></tr>' % (
        result.outcome, result.outcome, _sentence(result.test.name), _more(result), _took(result)) for result in order)
    return ('<h2>%s <small>%d of %d passed</small></h2><div class="scroll"><table><thead><tr><th class="word">Outcome</th><th>Test</th>'
            '<th class="time">Target\'s time</th></tr></thead><tbody>%s</tbody></table></div>' % (
                _text(file), sum(result.outcome == PASSED for result in results), len(results), rows))


def _sentence(name):
    return _text(name.removeprefix("test_").replace("_", " "))


def _more(result):
    out = "".join('<div class="figure%s">%s <b>%s %s</b>%s</div>' % (
        "" if within(row) else " off", _text(row["name"]), _text(row["value"]), _text(row["unit"]),
        " &nbsp; limits: " + _text(limits(row)) if limits(row) else "") for row in result.measured)
    if result.outcome == SKIPPED:
        out += '<div class="why">%s</div>' % _text(result.said)
    if result.outcome == FAILED:
        out += '<div class="why">%s</div>' % _text(last_line(result.said))
        if "\n" in result.said or result.own:
            out += "<pre>%s</pre>" % _text("\n".join([result.said, *result.own]))
    return out


def _took(result):
    return "" if result.outcome == SKIPPED or not result.free else "%d ms" % result.ms if result.ms < 10_000 else "%.1f s" % (result.ms / 1000)


def _when(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def _text(value):
    return escape.escape(str(value))
