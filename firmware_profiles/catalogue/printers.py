"""Receipt and kitchen printers that speak ESC/POS on TCP 9100: a row per model.

`dots` is the printable width (8 dots per mm at 203 dpi), `columns` that width in font A. `code_pages`
maps Python codecs to the number of `ESC t n` that selects them, best first; numbers differ between
vendors (download4.epson.biz 'ESC t', the capability database of python-escpos), and cheap clones are
trusted with the old pages only. What no listed page holds is sent as a picture. `profile` is the entry of
python-escpos' capability database that comes nearest.

`tells_status` says whether `DLE EOT` is answered, `tells_done` whether `GS r` is, which a printer
answers only once everything sent before it has been worked off.

Counterpart: `edge/adapters/kitchen/escpos.py`.
"""

from dataclasses import dataclass

EPSON_PAGES = (
    ("cp437", 0),
    ("cp858", 19),
    ("cp1252", 16),
    ("cp852", 18),
    ("cp866", 17),
    ("cp1253", 47),
    ("cp1254", 48),
)
PLAIN_PAGES = (("cp437", 0), ("cp850", 2))


@dataclass(frozen=True, slots=True)
class PrinterModel:
    """One model; `cutter` and `drawer` tell what it has besides a head."""

    model: str
    name: str
    width_mm: int
    dots: int
    columns: int
    profile: str
    code_pages: tuple[tuple[str, int], ...] = PLAIN_PAGES
    cutter: bool = True
    drawer: bool = True
    tells_status: bool = True
    tells_done: bool = True


PRINTERS = (
    PrinterModel("TM-T20III", "Epson TM-T20III", 80, 576, 48, "TM-T20II", EPSON_PAGES),
    PrinterModel("TM-T88VI", "Epson TM-T88VI", 80, 512, 42, "TM-T88V", EPSON_PAGES),
    PrinterModel("TM-m30", "Epson TM-m30", 80, 576, 48, "TM-T20II", EPSON_PAGES),
    PrinterModel("XP-N160II", "Xprinter XP-N160II", 80, 576, 48, "TM-T20II"),
    PrinterModel("XP-58IIH", "Xprinter XP-58", 58, 384, 32, "POS-5890", cutter=False),
    PrinterModel("ESCPOS-80", "Any 80 mm ESC/POS printer", 80, 576, 48, "TM-T20II", tells_done=False),
    PrinterModel(
        "ESCPOS-58", "Any 58 mm ESC/POS printer", 58, 384, 32, "POS-5890", cutter=False, tells_done=False
    ),
)

_BY_MODEL = {row.model: row for row in PRINTERS}


def find_printer(model: str) -> PrinterModel | None:
    """The row for a model, None for one the catalogue does not hold."""
    return _BY_MODEL.get(model)
