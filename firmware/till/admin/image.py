# image.py: an application image that comes over the admin line: looked at before the first byte of it is written, and as a whole before it counts.
# Raises NotSigned, NotForUs, NotNow, Malformed, NotKeyed where this terminal was given no signing key, StorageFault.
from binascii import a2b_base64

from till.admin.signed import floors
from till.core import clock
from till.core.errors import Malformed, NotKeyed
from till.secure import vault as slots
from till.update import images, manifest
from till.wire import records


def step(till, request):
    """One of "begin" (manifest and signature), "data" (at, a sector in base64), "end"."""
    if not hasattr(till, "offer"):
        raise Malformed("service mode")
    if till.engine.front:
        raise images.NotNow("front")
    if request["step"] == "begin":
        till.incoming = begin(till, request)
    elif till.incoming is None:
        raise images.NotNow("order")
    elif request["step"] == "data":
        till.incoming.take(request["at"], a2b_base64(request["data"]))
    else:
        till.incoming.finish()
        till.offer("settings", "image", till.incoming.told["version"])
    return [{"have": till.incoming.have}]


def begin(till, request):
    if not till.vault.signed():
        raise NotKeyed("no signing key")
    place = images.Record(till.flash).read().spare()
    text, signature = request["manifest"].encode(), bytes.fromhex(request["signature"])
    told = manifest.check(text, signature, till.vault.public(slots.SIGNING_KEY), manifest.IMAGE, floors(till.vault).get(manifest.IMAGE, 0),
                          clock.unix(), till.takes_images)
    if not reads(told) and till.facts.owes:
        raise manifest.NotForUs("journal")
    return images.Incoming(till.flash, place, text, signature, told)


def reads(told):
    """Can this image read the journal as it is now?"""
    return records.FORMAT in told["reads"]


def status(till):
    """What runs, what would start next, and what stands in the two places."""
    record = images.Record(till.flash).read()
    row = {"class": till.takes_images, "journal": records.FORMAT, "runs": images.NAMES[till.image[0] if till.image else images.BASE],
           "version": till.image[2] if till.image else 0, "starts": images.NAMES[record.starts], "trial": images.NAMES[record.trial],
           "phase": ("", "waiting", "tried", "back")[record.phase], "floor": floors(till.vault).get(manifest.IMAGE, 0)}
    for place in (images.A, images.B) if till.takes_images else ():
        try:
            row[images.NAMES[place]] = manifest.read(images.head(till.flash, place)[1])["version"]
        except Malformed:
            row[images.NAMES[place]] = 0
    return row
