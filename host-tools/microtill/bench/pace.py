# pace.py: how the world's time follows the wall's: as fast as it can for tests, with people's time or ten times that, or not at all.
import socket
import time

_BEHIND_S = 0.02


class Pace:
    """`speed`: None as fast as it can, 1 for people, 10, 0 while paused. Changes take effect from the moment they are made.
    `resting`: the world waits for the wall, so it is where the wall is.
    `wake()` may be called from another thread: whoever waits goes on at once; `woken` is the socket to select on, None where a bench
    began without the wall's clock: then nobody waits."""

    def __init__(self, speed=None):
        self.speed, self._from_us, self._from_s, self.resting = speed, 0, time.monotonic(), False
        self.woken, self._waker = socket.socketpair() if speed is not None else (None, None)
        if self.woken:
            self.woken.setblocking(False)
            self._waker.setblocking(False)

    def begin(self, world_us, speed=...):
        """The world is here now; from now on with this speed, or the one it had."""
        self.speed = self.speed if speed is ... else speed
        self._from_us, self._from_s = world_us, time.monotonic()

    def now_us(self):
        """Where the world should be by the wall's clock; not to be asked where it goes as fast as it can."""
        return self._from_us + int((time.monotonic() - self._from_s) * 1e6 * self.speed)

    def forgive(self, world_us):
        """Where the world has fallen far behind (a long computation, a machine that slept), it goes on from where it is: it never rushes."""
        if self.speed and self.now_us() - world_us > _BEHIND_S * 1e6 * self.speed:
            self.begin(world_us)

    def seconds_until(self, world_us):
        """Of the wall's time, never below 0; None while paused."""
        return max(0.0, (world_us - self.now_us()) / 1e6 / self.speed) if self.speed else None

    def wake(self):
        try:
            if self._waker:
                self._waker.send(b"!")
        except OSError:
            pass                        # it has been told often enough, or has ended

    def close(self):
        if self.woken:
            self.woken.close()
            self._waker.close()

    def slept(self):
        """Forget who woke us."""
        try:
            while self.woken and self.woken.recv(4096):
                pass
        except BlockingIOError:
            pass
