# till: the firmware of a payment terminal; each room says what may be in it.
