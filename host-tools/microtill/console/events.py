# events.py: what happens on the bench, handed to every window that listens. A window that does not keep up is dropped; it stops nobody else.
import asyncio
import json

QUEUE = 1_000                           # events that may wait for a window


class Hub:
    """`hear(event)` from any thread. `join()` gives a queue of JSON texts, `leave` takes it back; None in a queue: it was dropped."""

    def __init__(self, loop):
        self._loop, self._queues = loop, set()

    def hear(self, event):
        if self._queues:
            self._loop.call_soon_threadsafe(self._fan_out, json.dumps(event))

    def _fan_out(self, text):
        for queue in list(self._queues):
            if queue.qsize() >= QUEUE:
                self._queues.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(text)

    @property
    def windows(self):
        return len(self._queues)

    def join(self):
        queue = asyncio.Queue()
        self._queues.add(queue)
        return queue

    def leave(self, queue):
        self._queues.discard(queue)

    def end(self):
        """The server ends: every window is told."""
        for queue in list(self._queues):
            queue.put_nowait(None)
        self._queues.clear()
