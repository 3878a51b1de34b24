# uplink.py (sim): the way to the bank is a socket of the bench's network; TLS is our own.
from socket import Socket as connect  # noqa: F401 (connect(host, port), handed on)


def network(name, password):
    """The laptop is on its network already."""
