# pn532: NXP's contactless front end; imports nothing of ours.
from pn532.device import PN532, Target
from pn532.transport import PN532Error

__all__ = ("PN532", "PN532Error", "Target")
