"""A box's data directory that is ready to serve: the sample venue with more tables and a full store room."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from edge.core import commands
from protocol.facts.venue import TableConfig
from tests import sample_venue
from tests.open_box import OpenBox

TABLES = tuple(f"TABLE{number}" for number in range(1, 9))


async def furnish(directory: Path, tables: Sequence[str] = TABLES) -> None:
    """Configure the venue as the owner would, and fill the store room."""
    config = msgspec.structs.replace(
        sample_venue.config(), tables=tuple(TableConfig(code, code.title()) for code in tables)
    )
    async with OpenBox(directory) as box:
        await box.accept(commands.ConfigureVenue(config))
        await box.accept(commands.AdoptMenu(sample_venue.menu()))
        for dish in (sample_venue.SOUP, sample_venue.CAKE, sample_venue.WINE):
            await box.accept(commands.CountStock(dish, 1_000_000, "staff:ann"))
