# flag.py: a flag from one task to another: waiting takes it down. It costs the loop nothing while nobody raises it; what an interrupt raises is
# asyncio.ThreadSafeFlag, which the loop asks at every turn.
import asyncio


class Flag(asyncio.Event):
    async def wait(self):
        """Until it is up, or at once where it is; down again when this returns."""
        await asyncio.Event.wait(self)
        self.clear()
