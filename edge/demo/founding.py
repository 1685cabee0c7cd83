"""The first start in a directory: an owner, a venue, a menu, and a box that belongs to it.

Every step is a command that an operator or installer would type; none is repeated, because the record is
written after the last and a set-up that was broken off is thrown away whole (`record.py`).
"""

import sys
from pathlib import Path

import aiohttp
import msgspec

from edge.demo.addresses import LOOPBACK
from edge.demo.children import ChildFailed, Surroundings, step
from edge.demo.record import Founded, Record

CLOUD = (sys.executable, "-m", "cloud")
#: What staff read when it runs out of paper.
PRINTER = "Kitchen printer"
AGENT = (sys.executable, "-m", "edge.agent.cli")
CARD_PROVIDER = (sys.executable, "-m", "firmware_profiles.emulators.stripe")
EDGE = (sys.executable, "-m", "edge.cli")


async def found_venue(record: Record, postgres_url: str, around: Surroundings) -> Founded:
    """Owner, venue and sample menu, straight into the database. Raises `ChildFailed`."""
    extra = {"DATABASE_URL": postgres_url, "HOLDFAST_OWNER_PASSWORD": record.owner_password}
    owner = ("create-owner", "--email", record.owner_email)
    await step("create-owner", [*CLOUD, *owner], around, extra)
    printer = f"{PRINTER}={LOOPBACK}:{record.ports['printer']}"
    venue = ("create-venue", "--owner", record.owner_email, "--printer", printer, "--json")
    said = await step("create-venue", [*CLOUD, *venue], around, extra)
    founded = msgspec.json.decode(said, type=Founded)
    menu = ("import-menu", "--venue", founded.venue_id, "sample")
    await step("import-menu", [*CLOUD, *menu], around, extra)
    return founded


async def claim_box(directory: Path, cloud_url: str, code: str, around: Surroundings) -> None:
    """The box says the code to the cloud, through the internet that will be cut. Raises `ChildFailed`."""
    claim = ("claim", "--data", str(directory / "edge"), "--cloud", cloud_url, "--code", code)
    await step("claim", [*EDGE, *claim], around, {})


async def agent_token(edge_url: str, founded: Founded, station_id: str) -> str:
    """What an installer asks the box for, signed in as the manager. Raises `ChildFailed`."""
    manager = next(person for person in founded.staff if person.role == "manager")
    try:
        async with aiohttp.ClientSession(edge_url, raise_for_status=True) as session:
            login = {"user": manager.user, "pin": manager.pin}
            async with session.post("/api/v1/auth/pin", json=login) as answer:
                token = (await answer.json())["token"]
            headers = {"Authorization": f"Bearer {token}"}
            address = f"/api/v1/stations/{station_id}/agent_token"
            async with session.post(address, headers=headers) as answer:
                made: str = (await answer.json())["token"]
                return made
    except aiohttp.ClientError as error:
        raise ChildFailed(f"The box gives no token for {station_id}: {error!r}") from error
