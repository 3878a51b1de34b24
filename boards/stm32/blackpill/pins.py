# pins.py (stm32, Black Pill): the same table for WeAct's STM32F411CE. It has two UARTs to spare, so there is no printer here, and no noise
# source, so no keys of one's own: a board to learn on. None: no pin is left for it.
ADMIN_UART = None                           # the second serial port of the USB socket (boot.py); the prompt is on the first
READER_UART, READER_TX, READER_RX = 2, "PA2", "PA3"
PRINTER_UART, PRINTER_TX, PRINTER_RX = None, None, None
MODEM_UART, MODEM_TX, MODEM_RX = 1, "PA9", "PA10"
MODEM_ENABLE = None                         # no pin is left for its EN: held high, AT+RST starts it anew
SCREEN_I2C, SCREEN_SCL, SCREEN_SDA, SCREEN_ADDRESS = 1, "PB6", "PB7", 0x3C
SENSE_I2C, SENSE_SCL, SENSE_SDA = 3, "PA8", "PB8"
GAUGE_ADDRESS, THERMOMETER_ADDRESS, LIGHT_ADDRESS, RTC_ADDRESS = 0x36, 0x48, 0x23, 0x68
INSIDE_LIGHT_ADDRESS = 0x5C                 # a second BH1750, ADDR to 3.3 V, where one sits in the case: tamper.light
FLASH_SPI, FLASH_SELECT, FLASH_SCK, FLASH_MISO, FLASH_MOSI = 1, "PA4", "PA5", "PA6", "PA7"      # the empty place under the board is for this chip
KEYPAD_ROWS, KEYPAD_COLUMNS = ("PB12", "PB13", "PB14", "PB15"), ("PB3", "PB4", "PB5", "PA15")
KEYPAD_LEGEND = "123A456B789C*0#D"
LIGHT_POWER, LIGHT_LINK, LIGHT_ALERT = None, None, None     # the board's light is lit by a low pin: left alone
READER_RESET, READER_SUPPLY = None, None
MAINS_GOOD, CHARGING = "PB9", None          # /PGOOD of the charger, open drain
CASE_SWITCH = "PA0"                         # to ground while the case is closed; the board's KEY button is on this pin as well
FAN_PWM, FAN_TACHO = "PB10", "PB1"
PIEZO, MOTOR = "PB0", None
HOLD = None
HEAD_ADC = "PA1"
FLASH_SIZE = 1 << 20
RANDOM_IS_TRUE = False                      # RM0383 knows no noise source
