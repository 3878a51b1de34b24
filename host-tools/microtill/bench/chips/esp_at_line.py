# esp_at_line.py: the serial side of an ESP-AT modem: lines, echo, counted data, one command at a time. What comes meanwhile gets "busy p...".
# It says nothing while it is off, starting or deaf. From the ESP-AT user guide, "AT Command Set" (types, messages), v3 and v4.
BAUD = 115200
_LONGEST = 256                          # of a command: "AT Command Types"
_BOOT_US = 300_000
_ANSWER_US = (800, 3_000)               # a command that it answers by itself
OK, ERROR, BUSY = b"\r\nOK\r\n", b"\r\nERROR\r\n", b"busy p...\r\n"


def arguments(text):
    """The parameters of a command: "..." with its escapes undone, a number as text, "" where one is left out. ValueError where they do not parse."""
    found, at, word, quoted = [], 0, "", False
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            at += 1
            word += text[at]
        elif char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            found.append(word)
            word = ""
        else:
            word += char
        at += 1
    if quoted:
        raise ValueError(text)
    return [*found, word]


class AtLine:
    """Takes bytes, gives bytes later. A sub-class has `execute(name, kind, words)`, where kind is "?", "=" or "", and `forget()`.

    Faults: `deaf`; `spoil(data)` is what the wire makes of each thing said; `chatter()` lines that it says unasked between others;
    `echo_sticks` (ATE0 has no effect); `no_prompt` (so many prompts are lost on the wire); `busy(us)`; `restart()`; `brown_out(us)`;
    `noise`, said at the wrong rate before each "ready"; `pieces()`: sizes in which bytes leave, with pauses of some milliseconds."""

    def __init__(self, world, rng):
        self.world, self.random, self.line = world, rng, None
        self.deaf = self.echo_sticks = False
        self.no_prompt, self.noise = 0, b""
        self.spoil = self.chatter = self.pieces = self.on_command = None
        self.enable_pin, self.life, self.starts = None, 0, 0
        self._off = False

    def power_on(self):
        self._off = False
        self._begin()

    def _begin(self):
        """The processor starts: nothing of what it did goes on."""
        self.life += 1
        self.starts += 1
        self.baud, self.echo, self.running = BAUD, True, False
        self._rx, self._wants, self._free_us = bytearray(), None, 0
        self.busy_until = 0
        self.awake = False
        self.forget()
        self._later(_BOOT_US, self._started)

    def _started(self):
        self.awake = True
        if self.noise and self.line is not None:
            self.line.to_host(self.noise, 74_880)       # what the ROM says, at a rate of its own
        self.say(b"\r\nready\r\n")

    def watch(self, pins, enable_pin):
        """Its EN (low: held in reset); a pin that nobody drives is high."""
        self.enable_pin = enable_pin
        pins.attach(self, watches=(enable_pin,))

    def on_out(self, pin, level):
        if not level:
            self._go_off()
        elif self._off:
            self.power_on()

    def _go_off(self):
        self._off, self.awake = True, False
        self.life += 1
        self.forget()

    # faults that are acts
    def restart(self):
        """A crash: it starts anew by itself."""
        self._begin()

    def brown_out(self, us):
        """Its supply fails for so long."""
        self._go_off()
        self.world.after(us, self._back, self.life)

    def _back(self, life):
        if life == self.life:
            self.power_on()

    def busy(self, us):
        """Whatever it does, it takes no command for so long."""
        self.busy_until = self.world.now + us

    # bytes
    def _later(self, us, act, *args):
        """In so many microseconds, in this life."""
        self.world.after(us, self._if_alive, self.life, act, args)

    def _if_alive(self, life, act, args):
        if life == self.life:
            act(*args)

    def on_bytes(self, data, baud):
        """Bytes whose last bit arrives now."""
        if self._off or not self.awake or self.deaf:
            return
        if baud != self.baud:
            data = bytes(byte ^ 0x5A for byte in data)
        for byte in data:
            self._byte(byte)

    def _byte(self, byte):
        self._rx.append(byte)
        if self._wants is not None:
            if len(self._rx) >= self._wants[0]:
                size, act = self._wants
                data, self._wants = bytes(self._rx), None
                self._rx.clear()
                act(data)
        elif byte == 10:
            line = bytes(self._rx)
            self._rx.clear()
            self._command(line)
        elif len(self._rx) > _LONGEST + 2:
            del self._rx[:-1]                           # no command is so long: it ends in an error
            self._rx[:1] = b"\x00"

    def _command(self, line):
        text = line.strip()
        if not text:
            return
        if self.running or self.world.now < self.busy_until:
            return self.say(BUSY)
        if self.echo:
            self.say(line)
        if self.on_command:
            self.on_command(text)
        self.running = True
        self._later(self.random.randint(*_ANSWER_US), self._run, text)

    def _run(self, text):
        try:
            name, kind, words = _parsed(text)
            self.execute(name, kind, words)
        except (ValueError, IndexError, KeyError, OSError):
            self.done(ERROR)

    def done(self, said=OK):
        """The command is over; its result is the last line of what is said, and others may come before it."""
        self.running = False
        for end in (OK, ERROR):
            if said.endswith(end) and said != end:
                self.say(said[:-len(end)])
                said = end
        self.say(said)

    def want(self, size, act):
        """OK, a prompt, and then `act(data)` with the next `size` bytes."""
        self._wants = (size, act)
        self.say(OK)
        if self.no_prompt:
            self.no_prompt -= 1
        else:
            self.say(b"\r\n>")

    def say(self, data):
        """Out it goes, in turn; between two things said there may be one that nobody asked for."""
        if self._off or self.deaf or self.line is None or not self.awake:
            return
        if self.chatter:
            data = b"".join(self.chatter()) + data
        if self.spoil:
            data = self.spoil(data)
        for piece, pause_us in self._cut(data):
            self._free_us = max(self.world.now, self._free_us) + pause_us
            self.world.at(self._free_us, self._out, self.life, piece, self.baud)

    def _cut(self, data):
        if self.pieces is None:
            return [(data, 0)]
        found, at = [], 0
        while at < len(data):
            size, pause_us = self.pieces()
            found.append((data[at:at + size], pause_us))
            at += size
        return found

    def _out(self, life, piece, baud):
        if life == self.life:
            self.line.to_host(piece, baud)


def _parsed(line):
    """(name, kind, parameters) of one command's bytes. ValueError where it is none."""
    text = line.decode("utf-8")
    if not text.startswith("AT"):
        raise ValueError
    text = text[2:]
    if not text or text[0] != "+":
        return text, "", []
    for at, char in enumerate(text):
        if char == "=":
            return text[:at], "=", arguments(text[at + 1:])
        if char == "?":
            return text[:at], "?", []
    return text, "", []
