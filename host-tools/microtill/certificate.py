# certificate.py: what was done to a terminal, as a page to print: identity, check values, signatures to be given by hand, a QR label to cut out.
import html

import segno

_ROWS = (("Serial number", "serial"), ("Model", "model"), ("Firmware", "firmware"), ("Random source", "random"), ("Key id (IKID)", "key_id"),
         ("Base derivation key", "bdk"), ("Key block protection key", "kbpk"), ("CA certificate, SHA-256", "ca_sha256"), ("Key store", "store"),
         ("Date", "at"))
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
h1{font-size:1.5rem;margin:0}table{border-collapse:collapse;width:100%;margin:1.2rem 0}
td,th{border-bottom:1px solid #ccc;padding:.35rem .6rem .35rem 0;text-align:left;vertical-align:top;
overflow-wrap:anywhere}th{width:15rem;font-weight:600}
.kcv{font:600 1.2rem ui-monospace,monospace;letter-spacing:.08em}.test{background:#b00020;color:#fff;padding:.4rem .8rem;display:inline-block;
margin:.8rem 0}
.label{display:flex;gap:1rem;align-items:center;border:1px dashed #666;padding:.8rem;width:22rem}.label svg{width:6rem;height:6rem;flex:none}
.hands{display:flex;gap:2rem;margin-top:3rem}.hands div{flex:1;border-top:1px solid #1a1a1a;padding-top:.3rem}"""


def label(done):
    """What the QR label says: enough to know the terminal by, nothing that is secret."""
    return "MICROTILL %s IKID %s KCV %s" % (done["serial"], done["key_id"], done["kcvs"]["initial"])


def page(done, path):
    """Writes the page to `path` and gives it back. `done`: the answer of provisioning.through."""
    rows = "".join("<tr><th>%s</th><td>%s</td></tr>" % (title, html.escape(str(done[name]))) for title, name in _ROWS)
    checks = "".join("<tr><th>KCV of the %s key</th><td class=kcv>%s</td></tr>" % (name, html.escape(kcv)) for name, kcv in done["kcvs"].items())
    test = '<p class=test>TEST KEYS: not for real cards</p>' if done["label"] else ""
    code = segno.make(label(done), error="m").svg_inline(scale=3, border=2, omitsize=True)
    path.write_text("<!doctype html><html lang=en><meta charset=utf-8><title>%s provisioned</title><style>%s</style><h1>Terminal %s</h1>"
                    "<p>Certificate of provisioning</p>%s<table>%s%s</table><div class=label>%s<div><b>%s</b><br>IKID %s<br>KCV %s</div></div>"
                    "<div class=hands><div>Technician</div><div>Witness</div></div></html>\n" % (
                        done["serial"], _STYLE, html.escape(done["serial"]), test, rows, checks, code, html.escape(done["serial"]), done["key_id"],
                        done["kcvs"]["initial"]))
    return path
