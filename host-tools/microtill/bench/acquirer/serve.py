# serve.py: the bank on a real socket, loopback alone. OSError where the port is taken; a bad peer loses its own connection only.
import asyncio
import signal
import threading

from microtill.bench.acquirer.tls import TlsBank

HOST = "127.0.0.1"
_READ = 65536


class Server:
    """A bank that listens on loopback, for whoever owns an event loop. `port` is the one it has, once started."""

    def __init__(self, bank):
        self._tls, self._lines, self._server, self.port = TlsBank(bank), {}, None, None

    async def start(self, port=0):
        """Port 0 takes a free one. Raises OSError where the port is taken."""
        self._server = await asyncio.start_server(self._accept, HOST, port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        """Closes every line, and returns when the last one has ended."""
        self._server.close()
        for writer in self._lines.values():
            writer.close()
        await asyncio.gather(*self._lines)
        await self._server.wait_closed()

    def _accept(self, reader, writer):
        """Known from its first moment, so that stop() misses none. A bank that has crashed listens to nobody."""
        if not self._tls.up:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._line(reader, writer))
        self._lines[task] = writer
        task.add_done_callback(self._lines.pop)

    async def _line(self, reader, writer):
        session, loop, timers = self._tls.open(), asyncio.get_running_loop(), []
        try:
            while not session.closed and (data := await reader.read(_READ)):
                now, later = session.take(data)
                writer.write(now)
                await writer.drain()
                timers += [loop.call_later(delay_us / 1_000_000, _say, session, writer, message) for delay_us, message in later]
            if not writer.is_closing():
                writer.write(session.close())
        except ConnectionError:
            pass                          # the peer is gone, and with it whatever was still to be said
        finally:
            for timer in timers:
                timer.cancel()
            writer.close()


def _say(session, writer, message):
    if not writer.is_closing():
        writer.write(session.say(message))


def serve(bank, port=0, ready=None):
    """Serves until SIGINT or SIGTERM, or until `end()`, which any thread may call. `ready(port, end)` hears the port when it is up."""
    asyncio.run(_serve(bank, port, ready))


async def _serve(bank, port, ready):
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = await Server(bank).start(port)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
    if ready is not None:
        ready(server.port, lambda: loop.call_soon_threadsafe(ended.set))
    await ended.wait()
    await server.stop()
