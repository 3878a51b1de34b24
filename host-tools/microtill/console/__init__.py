# console: a bench for people: a terminal under their hands in real time, and the page and the programs that drive it.
