# tones.py: which screens are heard as well as seen [pure]: screen -> tone of devices/sounder. A screen that is not here is silent.
SCREENS = {
    "tap": "attention", "one_card": "bad", "again": "bad", "see_phone": "attention", "any_digits": "attention", "approved": "good", "done": "good",
    "settled": "good", "declined": "bad", "cancelled": "bad", "unknown": "bad", "not_settled": "bad", "refused": "bad", "paper_out": "warning",
    "printer_silent": "warning", "head_hot": "warning", "receipt": "attention", "tip": "attention", "switching_off": "alarm", "safe_stop": "alarm",
}
