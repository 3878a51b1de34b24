# flash.py: what lies where on the terminal's flash, and operations on it in sum. An address beyond the table is "elsewhere".
SECTOR = 4096
# first address, after the last, name, clause; as firmware/till/build.py lays it out
AREAS = (
    (0, 2 * SECTOR, "counters", "docs/money.md rule 4"),
    (2 * SECTOR, 6 * SECTOR, "slots", "docs/host.md: keys"),
    (6 * SECTOR, 8 * SECTOR, "registers", "docs/host.md: keys"),
    (8 * SECTOR, 72 * SECTOR, "journal", "docs/money.md rule 2"),
)
DATASHEET = "W25Q datasheet 8.2 (Page Program, Sector Erase)"
_ABOUT = {"counters": "key and STAN counters, synced before they are used", "slots": "keys, certificates and parameters",
          "journal": "the journal", "registers": "keys of the requests to come", "elsewhere": "outside the terminal's areas"}


def area(address):
    """(name, clause) of where an address lies."""
    for start, end, name, clause in AREAS:
        if isinstance(address, int) and start <= address < end:
            return name, clause
    return "elsewhere", DATASHEET


def about(name):
    return _ABOUT[name]


def summary(rows):
    """{area, programs, bytes, erases, first_address} of rows of kind "flash" that lie in one area."""
    programs = [row for row in rows if row.get("operation") == "program"]
    return {"area": area(rows[0].get("address"))[0], "programs": len(programs), "bytes": sum(row.get("size", 0) for row in programs),
            "erases": sum(row.get("operation") == "erase" for row in rows), "first_address": rows[0].get("address")}
