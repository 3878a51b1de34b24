# usb.py: the second serial port of the USB socket, as the UART that the admin console wants. Needs boot.py's two ports.
# What is written while nobody has the port open is gone.
from pyb import USB_VCP


class UsbLine:
    IRQ_RXIDLE = USB_VCP.IRQ_RX             # a packet is whole when it is told of

    def __init__(self):
        self._port = USB_VCP(1)
        self._port.setinterrupt(-1)         # any byte may come, also the one that means Ctrl-C at a prompt

    def irq(self, handler, trigger):
        self._port.irq(lambda port: handler(self), trigger, False)

    def readinto(self, buf):
        """Bytes put into `buf`, or None where nothing has arrived."""
        return self._port.readinto(buf) if self._port.any() else None

    def write(self, data):
        if self._port.isconnected():
            self._port.write(data)
        return len(data)
