# boot.py (stm32): two serial ports on one USB socket, before it is switched on: the prompt, and the admin console.
import pyb

pyb.usb_mode("VCP+VCP")
