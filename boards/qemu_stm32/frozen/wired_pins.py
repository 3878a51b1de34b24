# wired_pins.py (qemu-stm32): which part sits on which real pins of the emulated chip, where the bench is wired (docs/rig.md). The host reads it too.
READER_UART, PRINTER_UART, MODEM_UART = 2, 3, 4         # USART2, USART3, UART4
KEYPAD_ROWS = ("C0", "C1", "C2", "C3")
KEYPAD_COLUMNS = ("C4", "C5", "C6", "C7")               # an interrupt line for each
