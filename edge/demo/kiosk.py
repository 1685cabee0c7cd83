"""The demo's second box, which belongs to nobody: it sells by itself out of two files, until it is paired.

Set up as an installer would, by `holdfast-edge found`; from there on it is a box like any other. Whoever runs
the demo reads a code on its staff page and types it into the owner's, and every sale since the first goes up.
"""

import asyncio
from pathlib import Path

import msgspec

from edge.demo.children import Surroundings, step

#: The manager and the PIN, as everywhere in the demo.
USER, PIN = "ana", "2468"
_VENUE = {
    "name": "Kiosk am Hafen",
    "currency": "EUR",
    "timezone": "Europe/Berlin",
    "pass_word": "coffee",
    "tables": ["Bench 1", "Bench 2", "Window"],
    "stations": [{"id": "counter", "name": "Counter"}],
    "staff": [{"user": USER, "name": "Ana Silva", "role": "manager", "pin": PIN}],
}
_MENU = """id,category,name,price,description,station
1,Rolls,Fish roll,6.50,"Bismarck herring, onions, a gherkin",counter
2,Rolls,Crab roll,9.80,North Sea crabs and nothing else,counter
3,Drinks,Coffee,2.60,From the big machine,counter
4,Drinks,Rhubarb spritz,3.90,,counter
"""


async def found(directory: Path, edge: tuple[str, ...], around: Surroundings) -> None:
    """Make the box serve. Raises `ChildFailed`."""
    venue, menu = await asyncio.to_thread(_write, directory)
    command = [*edge, "found", str(venue), "--menu", str(menu), "--data", str(directory / "edge")]
    await step("found", command, around, {})


def _write(directory: Path) -> tuple[Path, Path]:
    directory.mkdir(parents=True)
    venue, menu = directory / "venue.json", directory / "menu.csv"
    venue.write_bytes(msgspec.json.encode(_VENUE))
    menu.write_text(_MENU)
    return venue, menu
