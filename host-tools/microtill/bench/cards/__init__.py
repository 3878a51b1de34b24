# cards: ISO 14443-4 payment cards for the bench, with genuine cryptograms. A bad command gets a status word, never an exception.
