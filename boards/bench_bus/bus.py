# bus.py: one operation on the bench is one request and one reply, 16 bytes each, data straight from and into the caller's buffer.
# Raises OSError(status) where the bench refuses. Never retries. A read that fills its buffer allocates nothing.
import link

VERSION = 1
HELLO, IDLE, NOTE, END, CLOCK, RANDOM, FUSE = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07
UART_OPEN, UART_WRITE, UART_READ, UART_ANY, UART_FLUSH = 0x10, 0x11, 0x12, 0x13, 0x14
I2C_READ, I2C_WRITE, SPI_TRANSFER = 0x20, 0x21, 0x28
PIN_MODE, PIN_SET, PIN_GET, PIN_IRQ = 0x30, 0x31, 0x32, 0x33
ADC_READ, PWM_SET = 0x38, 0x39
SOCKET_OPEN, SOCKET_SEND, SOCKET_RECV, SOCKET_CLOSE, SOCKET_STATE = 0x50, 0x51, 0x52, 0x53, 0x54

FOREVER = 0x1FFFFFFF            # us: the longest single wait; 30 bits keep every field a small int on a 32-bit target
UART_EDGE = 64                  # edge sources 0..63 are pins, 64..71 are UARTs (line idle after data)
_POWER_OFF = 0xFF               # status: the supply is gone; nothing after this instruction happens

_said = [0, 0, 0, 0]            # of the last reply: status, edge, level bits, quiet us
_handlers = {}                  # edge source -> callable(level)
ready = 0                       # level bits as of the last reply: UART n is bit n, socket n is bit 8 + n
_quiet_from = 0                 # the bench promised: from this tick,
_quiet_us = 0                   # for so long, nothing becomes ready unless we act
calls = 0                       # round trips so far


def _call(op, unit=0, a=0, b=0, out=None, into=None):
    """One round trip. Returns the reply's value (0..65535); bytes read are in `into`. Raises OSError(status)."""
    global ready, _quiet_from, _quiet_us, calls
    calls += 1
    value = link.trade(_said, op, unit, a, b, out, into)        # comes back when the reply is true
    status, edge, ready, _quiet_us = _said
    _quiet_from = link.now_us()
    if status == _POWER_OFF:
        link.power_off()
    if edge:                            # last: a handler may call the bus again
        handler = _handlers.get((edge & 0x7F) - 1)
        if handler:
            handler(edge >> 7)
    if status:
        raise OSError(status)
    return value


def idle(limit_us, interest):
    """Yield the clock until `limit_us` has passed, an edge comes, or a level bit of `interest` is up."""
    call(IDLE, 0, min(limit_us, FOREVER), interest)


def quiet():
    """True while the bench's promise holds, so that a poll needs no round trip."""
    return link.diff(link.now_us(), _quiet_from) < _quiet_us


def ask_again():
    global _quiet_us
    _quiet_us = 0


def on_edge(source, handler):
    if handler:
        _handlers[source] = handler
    else:
        _handlers.pop(source, None)


def note(text):
    """A line for the developer at the bench; a board has no such thing."""
    call(NOTE, out=text.encode())


def end(status=0):
    call(END, status)
    link.leave(status)


def _first_call(*operation, **more):
    """Says who we are and asks for the time before the first operation: importing this module says nothing."""
    global call, flags
    link.begin()
    call = _call
    flags = _call(HELLO, 0, VERSION, out=link.firmware_hash)
    epoch = bytearray(8)
    _call(CLOCK, into=epoch)
    link.start_clock(epoch[0] | epoch[1] << 8 | (epoch[4] | epoch[5] << 8) << 16)
    return _call(*operation, **more)


call = _first_call
flags = None                        # of the bench's answer to HELLO: bit 0: service, the console only
