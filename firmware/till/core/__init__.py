# core: clock, deadline, supervisor, errors, log; nothing here knows what a payment is.
