"""Kinds of things that a guest's design can be put on: a row each, and nowhere else a branch.

An area is what can be printed, in micrometres; `safe_um` is how far text stays away from its edge, where a
cutter or the curve of a mug may take something off. `dpi` is what the printer of such things wants.
Counterpart: a venue's products (`protocol/facts/shop_config.py`) name a template and have a price.
"""

from typing import Literal

import msgspec

Shape = Literal["rectangle", "round"]

UM_AN_INCH = 25_400


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing. Lengths in micrometres, `ground` is the thing's own colour."""

    id: str
    name: str
    width_um: int
    height_um: int
    dpi: int
    shape: Shape = "rectangle"
    safe_um: int = 4_000
    ground: str = "#ffffff"

    def pixels(self, dpi: int | None = None) -> tuple[int, int]:
        """Width and height of the picture at `dpi`, the printer's where none is named."""
        per_inch = dpi or self.dpi
        return (
            max(1, round(self.width_um * per_inch / UM_AN_INCH)),
            max(1, round(self.height_um * per_inch / UM_AN_INCH)),
        )

    def dpi_within(self, longest_px: int) -> int:
        """The resolution at which the longer side has `longest_px`, never above the printer's."""
        longest_um = max(self.width_um, self.height_um)
        return min(self.dpi, max(1, longest_px * UM_AN_INCH // longest_um))


_ROWS = (
    Template(id="mug", name="Mug", width_um=200_000, height_um=90_000, dpi=300, safe_um=6_000),
    Template(
        id="coaster", name="Coaster", width_um=95_000, height_um=95_000, dpi=300, shape="round", safe_um=5_000
    ),
    Template(id="shirt", name="T-shirt", width_um=280_000, height_um=360_000, dpi=150),
    Template(
        id="cake",
        name="Cake",
        width_um=200_000,
        height_um=200_000,
        dpi=200,
        shape="round",
        safe_um=10_000,
        ground="#fffaf0",
    ),
    Template(id="print", name="Print", width_um=300_000, height_um=200_000, dpi=300, safe_um=8_000),
)

TEMPLATES: dict[str, Template] = {row.id: row for row in _ROWS}
