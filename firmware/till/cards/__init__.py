# cards: what a card says, read with bounds first. Pure; bad bytes raise Malformed.
