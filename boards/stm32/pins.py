# pins.py (stm32): which part sits on which pin of a PYBv1.1 (STM32F405RG), by the names printed on it. All 30 pins of its two rows are used.
# None: no pin is left for it. UARTs, I2C and SPI have the pins that the board gives their numbers. Lights are the board's own.
ADMIN_UART = None                           # the second serial port of the USB socket (boot.py); the prompt is on the first
READER_UART, READER_TX, READER_RX = 6, "Y1", "Y2"
PRINTER_UART, PRINTER_TX, PRINTER_RX = 4, "X1", "X2"
MODEM_UART, MODEM_TX, MODEM_RX = 2, "X3", "X4"
MODEM_ENABLE = None                         # no pin is left for its EN: held high, AT+RST starts it anew
SCREEN_I2C, SCREEN_SCL, SCREEN_SDA, SCREEN_ADDRESS = 1, "X9", "X10", 0x3C
SENSE_I2C, SENSE_SCL, SENSE_SDA = 2, "Y9", "Y10"
GAUGE_ADDRESS, THERMOMETER_ADDRESS, LIGHT_ADDRESS, RTC_ADDRESS = 0x36, 0x48, 0x23, 0x68
INSIDE_LIGHT_ADDRESS = 0x5C                 # a second BH1750, ADDR to 3.3 V, where one sits in the case: tamper.light
FLASH_SPI, FLASH_SELECT, FLASH_SCK, FLASH_MISO, FLASH_MOSI = 1, "X5", "X6", "X7", "X8"
KEYPAD_ROWS, KEYPAD_COLUMNS = ("X11", "X12", "X19", "X20"), ("Y5", "Y6", "Y7", "Y8")
KEYPAD_LEGEND = "123A456B789C*0#D"
LIGHT_POWER, LIGHT_LINK, LIGHT_ALERT = "LED_GREEN", "LED_YELLOW", "LED_RED"
READER_RESET, READER_SUPPLY = "X18", None   # RSTPDN, low: reset
MAINS_GOOD, CHARGING = "Y4", "X21"          # /PGOOD and /CHG of the charger, open drain
CASE_SWITCH = "X17"                         # to ground while the case is closed; the board's USR button is on this pin as well
FAN_PWM, FAN_TACHO = "Y12", "Y11"
PIEZO, MOTOR = "Y3", None
HOLD = None
HEAD_ADC = "X22"
FLASH_SIZE = 1 << 20
RANDOM_IS_TRUE = True                       # the chip has a noise source (RM0090, 24), and this board's build uses it
