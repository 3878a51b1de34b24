# example.py (esp_at): join a network and ask a server for its first page, over TLS that the modem checks against ca.der. UART 3.
import asyncio
from machine import UART
from esp_at import CONNECTING, EspAt


async def main():
    modem = EspAt(UART(3, 115200, rxbuf=1024))
    await modem.join("my network", "its password")
    print("version", modem.version, "joined", modem.wifi)
    with open("ca.der", "rb") as file:
        stream = modem.connect("example.org", 443, file.read())
    while stream.state() == CONNECTING:
        await stream.readable()
    if stream.failed:
        print("failed:", stream.failed)
        return
    stream.write(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")
    buf = bytearray(256)
    while True:
        got = stream.readinto(buf)
        if got == 0:
            break
        if got is None:
            await stream.readable()
        else:
            print(bytes(memoryview(buf)[:got]))

asyncio.run(main())
