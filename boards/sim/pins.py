# pins.py (sim): which part sits where. The bench wires its chips from this very table.
ADMIN_UART, READER_UART, PRINTER_UART, MODEM_UART = 0, 1, 2, 3
MODEM_ENABLE = 40                           # EN of the ESP-AT modem, where the board has no network of its own
SCREEN_I2C, SCREEN_ADDRESS = 0, 0x3C
SENSE_I2C = 1                               # a bus of their own: a sensor that hangs on to its lines leaves the display alone
GAUGE_ADDRESS, THERMOMETER_ADDRESS, LIGHT_ADDRESS, RTC_ADDRESS = 0x36, 0x48, 0x23, 0x68
FLASH_SPI, FLASH_SELECT = 0, 15
KEYPAD_ROWS, KEYPAD_COLUMNS = (0, 1, 2, 3), (4, 5, 6, 7)
KEYPAD_LEGEND = "123A456B789C*0#D"          # as printed on the common 4x4 foil; ui/keys says what each does
LIGHT_POWER, LIGHT_LINK, LIGHT_ALERT = 8, 9, 10
READER_RESET, READER_SUPPLY = 11, 12        # RSTPDN, low: reset; the switch of its supply, high: on
MAINS_GOOD, CHARGING = 16, 17               # /PGOOD and /CHG of the charger, open drain
CASE_SWITCH = 18                            # to ground while the case is closed
FAN_PWM, FAN_TACHO = 19, 20
PIEZO, MOTOR = 21, 22
HOLD = 23                                   # the power latch: low switches the terminal off
HEAD_ADC = 26
FLASH_SIZE = 1 << 20
