# pins.py (sim): which part sits where. The bench wires its chips from this very table.
ADMIN_UART, READER_UART, PRINTER_UART = 0, 1, 2
SCREEN_I2C, SCREEN_ADDRESS = 0, 0x3C
FLASH_SPI, FLASH_SELECT = 0, 15
KEYPAD_ROWS, KEYPAD_COLUMNS = (0, 1, 2, 3), (4, 5, 6, 7)
KEYPAD_LEGEND = "123A456B789C*0#D"          # as printed on the common 4x4 foil; ui/keys says what each does
LIGHT_POWER, LIGHT_LINK, LIGHT_ALERT = 8, 9, 10
FLASH_SIZE = 1 << 20
