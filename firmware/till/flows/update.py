# update.py: an image that has come whole is tried at the next quiet moment: never in the middle of a payment, and never with debts that it could not
# read. The trial is on flash before the terminal starts again.
import asyncio

from till.admin import image
from till.update import images


async def run(till, session):
    incoming = till.incoming
    while till.engine.front or not till.facts.recovered or till.facts.owes and not image.reads(incoming.told):
        await asyncio.sleep_ms(250)
    if till.incoming is not incoming:
        return                          # another one has come meanwhile
    till.audited("update", "trial", images.NAMES[incoming.place], incoming.told["version"])
    record = images.Record(till.flash).read()
    record.write(record.starts, incoming.place, images.WAITING)
    till.restart()
