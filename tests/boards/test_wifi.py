# test_wifi.py: the ESP32-S3's own network, on the sockets of the interpreter that ships: a connection is made while others run, a refused one is
# told, a network that is not joined is a word, and nothing waits.
import socket
import threading

from microtill.bench.firmware import ROOT

NETWORK = """
import sys, time
class WLAN:
    IF_STA = 0
    joined, asked, now = %r, [], %d
    def __init__(self, kind):
        pass
    def active(self, on=None):
        return True
    def isconnected(self):
        return WLAN.joined
    def status(self):
        return WLAN.now
    def disconnect(self):
        pass
    def connect(self, name, password):
        WLAN.asked.append(name)
class network:
    STAT_CONNECTING, STAT_WRONG_PASSWORD, STAT_NO_AP_FOUND, STAT_ASSOC_FAIL, STAT_BEACON_TIMEOUT = 1001, 202, 201, 203, 200
network.WLAN = WLAN
sys.modules["network"] = network
sys.path.insert(0, %r)
import wifi
def settled(s, what):
    for _ in range(200):
        if what(s):
            return True
        time.sleep_ms(5)
    return False
"""


def head(joined=True, now=1000):
    return NETWORK % (joined, now, str(ROOT / "boards" / "esp32s3"))


def test_it_connects_sends_hears_and_notices_the_end(micropython):
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            line, _ = server.accept()
            with line:
                line.sendall(line.recv(100).upper())
        threading.Thread(target=answer, daemon=True).start()
        said = micropython(head() + """
s = wifi.Socket("127.0.0.1", %d)
print(settled(s, lambda s: s.state() == wifi.CONNECTED), s.readinto(bytearray(4)), s.ioctl(3, 1), s.write(b"hello"))
print(settled(s, lambda s: s.ioctl(3, 1)))
buf = bytearray(10)
got = s.readinto(buf)
print(bytes(buf[:got]), settled(s, lambda s: s.readinto(buf) == 0), s.state(), s.failed)
try:
    s.write(b"x")
except OSError as error:
    print(error.errno)
s.close()
""" % server.getsockname()[1])
    assert said.splitlines() == ["True None 0 5", "True", "b'HELLO' True 2 dropped", "104"]


def test_a_host_that_refuses_and_a_network_that_is_not_joined_are_words(micropython):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    said = micropython(head() + """
s = wifi.Socket("127.0.0.1", %d)
print(settled(s, lambda s: s.state() == wifi.CLOSED), s.failed, s.readinto(bytearray(1)))
WLAN.joined = False
print(wifi.Socket("127.0.0.1", 1).failed)
wifi.join("shop", "secret")
s = wifi.Socket("127.0.0.1", 1)
print(s.state(), WLAN.asked, s.ioctl(3, 5))
WLAN.now = 202
print(s.state(), s.failed)
""" % port)
    assert said.splitlines() == ["True refused 0", "not_joined", "0 ['shop'] 0", "2 not_joined"]
