# names: what the numbers of cards, hosts and rules mean, in words and by clause. What nobody knows is "unknown", not an error.
