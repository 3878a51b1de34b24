# emv: contactless EMV as a state machine without I/O. Pure; a bad card gives an outcome, never an exception.
