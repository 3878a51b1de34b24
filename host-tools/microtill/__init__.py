# microtill: the host's side of the terminal: bench, bank and the one command.
__version__ = "0.1.0"
