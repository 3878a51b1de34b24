# escpos_printer: a thermal printer that speaks ESC/POS; imports nothing of ours.
from escpos_printer.device import EscposPrinter
from escpos_printer.status import UNKNOWN, PrinterError, Status, trouble

__all__ = ("UNKNOWN", "EscposPrinter", "PrinterError", "Status", "trouble")
