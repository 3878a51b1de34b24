# acquirer: the bank at the far end of the line, built from libraries and HOST rules alone, so that it can disagree with the terminal.
