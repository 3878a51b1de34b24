# escpos_printer: a thermal printer that speaks ESC/POS; imports nothing of ours.
from escpos_printer.device import UNKNOWN, EscposPrinter, PrinterError, Status, trouble

__all__ = ("UNKNOWN", "EscposPrinter", "PrinterError", "Status", "trouble")
