# names: what the numbers of cards, hosts and rules mean, in words and with the clause. What nobody knows is called "unknown", never an error.
