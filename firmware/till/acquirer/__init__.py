# acquirer: messages to the bank and back; the codec is pure, the link is not.
