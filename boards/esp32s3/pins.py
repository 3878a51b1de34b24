# pins.py (esp32s3): which part sits on which GPIO of an ESP32-S3-DevKitC-1. All 25 pins that every module of it has free are used.
# None: no pin is left for it. The display shares its bus with the sensors here. Not touched: GPIO 0, 3, 45, 46 (read at reset), 19, 20 (USB),
# 26 to 32 (flash), 33 to 37 (flash and PSRAM of the octal modules).
ADMIN_UART, ADMIN_TX, ADMIN_RX = 0, 43, 44          # the connector marked UART; the prompt is on the one marked USB
READER_UART, READER_TX, READER_RX = 1, 17, 18
PRINTER_UART, PRINTER_TX, PRINTER_RX = 2, 15, 16
MODEM_UART = MODEM_ENABLE = None                    # the chip has a network of its own
SCREEN_I2C, SCREEN_SCL, SCREEN_SDA, SCREEN_ADDRESS = 0, 9, 8, 0x3C
SENSE_I2C, SENSE_SCL, SENSE_SDA = 0, 9, 8
GAUGE_ADDRESS, THERMOMETER_ADDRESS, LIGHT_ADDRESS, RTC_ADDRESS = 0x36, 0x48, 0x23, 0x68
INSIDE_LIGHT_ADDRESS = 0x5C                 # a second BH1750, ADDR to 3.3 V, where one sits in the case: tamper.light
FLASH_PARTITION = "microtill"                       # in the chip's own flash: partitions.csv; None: files on its file system
KEYPAD_ROWS, KEYPAD_COLUMNS = (4, 5, 6, 7), (10, 11, 12, 13)
KEYPAD_LEGEND = "123A456B789C*0#D"
LIGHT_POWER, LIGHT_LINK, LIGHT_ALERT = 38, 39, 40   # 38 or 48 also goes to the board's RGB light, by its revision: it may flicker
READER_RESET, READER_SUPPLY = 14, None              # RSTPDN, low: reset
MAINS_GOOD, CHARGING = 41, 42                       # /PGOOD and /CHG of the charger, open drain
CASE_SWITCH = 2                                     # to ground while the case is closed
FAN_PWM, FAN_TACHO = 47, 48
PIEZO, MOTOR = 21, None
HOLD = None
HEAD_ADC = 1                                        # ADC1: the other one is the radio's
