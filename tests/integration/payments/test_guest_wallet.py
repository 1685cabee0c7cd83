"""A guest looks at their own wallet by a link in a mail: every line from every venue, and nobody else's."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cloud.guests import wallet_page
from cloud.jobs.blobs import Blobs
from cloud.jobs.registry import Roster
from cloud.jobs.worker import working
from cloud.store.money import wallet_links
from cloud.web.figures import Figures
from tests.integration.afar.linked import Linked, eventually, linked
from tests.integration.cloud.conftest import CONFIG
from tests.integration.cloud.hours import hold_windows

MIA = "mia@example.com"


@pytest.fixture
async def stand(tmp_path: Path, database: str) -> AsyncIterator[Linked]:
    """A box in step with a cloud, and a worker that sends links."""
    blobs = Blobs(f"file://{tmp_path}/blobs")
    async with (
        linked(tmp_path / "box", database) as stand,
        working(CONFIG, database, blobs, Roster((wallet_page.SEND_LINK,), ()), Figures()),
    ):
        yield stand


async def _ask(stand: Linked, email: str) -> tuple[int, Any]:
    body = {"venue_id": stand.venue.venue_id, "email": email}
    return await stand.call("POST", f"{stand.cloud.url}/wallet/link", body)


async def _show(stand: Linked, token: str, **more: Any) -> tuple[int, Any]:
    return await stand.call("POST", f"{stand.cloud.url}/wallet/statement", {"token": token, **more})


async def _tokens(sql: asyncpg.Connection) -> list[str]:
    """Of all links that were mailed, oldest first."""
    bodies = [row["body"] for row in await sql.fetch("SELECT body FROM mails ORDER BY written_at")]
    return [found.group(1) for body in bodies if (found := re.search(r"/wallet/[0-9a-f-]+#(\S+)", body))]


async def _api(stand: Linked, method: str, path: str, body: object) -> Any:
    status, said = await stand.call(method, f"{stand.cloud.url}/api/{path}", body)
    assert status < 300, said
    return said


async def _wallet(stand: Linked, name: str, email: str | None) -> None:
    await _api(stand, "POST", "wallets", {"wallet_id": name, "name": name.title(), "currency": "EUR"})
    await _api(stand, "PUT", f"wallets/{name}/email", {"email": email})


async def test_a_guest_sees_every_line_of_their_own_wallet(stand: Linked, sql: asyncpg.Connection) -> None:
    await _wallet(stand, "mia", MIA.upper())
    await _wallet(stand, "tom", "tom@example.com")
    await _api(
        stand, "POST", "wallets/top_ups", {"wallet_id": "mia", "amount_minor": 5000, "mid": "topup-0001"}
    )
    grant = {"wallet_id": "mia", "amount_minor": 2000, "mid": "grant-0001"}
    await stand.outcome((await stand.owner("POST", "grants", grant))["command_id"])
    station = stand.venue.play_stations[0].id
    start = {"station_id": station, "duration": 60, "payment_method": "BALANCE", "user_id": "mia"}
    await stand.staff("POST", "sessions/start", {**start, "amount": 4.0})
    await stand.agree()
    assert await _ask(stand, "nobody@example.com") == (202, {"hours": 24})
    assert await _ask(stand, MIA) == (202, {"hours": 24})

    async def mailed() -> bool:
        return bool(await _tokens(sql))

    await eventually(mailed)
    (token,) = await _tokens(sql)
    assert [row["recipient"] for row in await sql.fetch("SELECT recipient FROM mails")] == [MIA]
    status, shown = await _show(stand, token)
    assert (status, shown["name"], shown["balance_minor"]) == (200, "Mia", 4600)
    lines = [(row["kind"], row["venue"], row["balance_minor"]) for row in shown["rows"]]
    here = str(await sql.fetchval("SELECT name FROM venues"))
    assert lines == [("spent", here, 4600), ("set_aside", here, 5000), ("paid_in", None, 5000)]
    assert (await _show(stand, token, before=2))[1]["rows"] == shown["rows"][2:]
    assert (await _show(stand, token))[0] == 200


async def test_links_of_nobody_of_another_time_or_of_another_address_show_nothing(
    stand: Linked, sql: asyncpg.Connection
) -> None:
    await hold_windows(sql)
    await _wallet(stand, "mia", MIA)
    assert (await _show(stand, "x" * 43))[1]["error"]["code"] == "link_unknown"
    assert (await _show(stand, "not a token"))[0] == 400
    for number in range(1, 4):
        await _ask(stand, MIA)

        async def mailed(number: int = number) -> bool:
            return len(await _tokens(sql)) == number

        await eventually(mailed)
    refused = await _ask(stand, MIA)
    assert (refused[0], refused[1]["error"]["code"]) == (429, "rate_limited")
    old, other, _ = await _tokens(sql)
    assert (await _show(stand, old))[0] == 200
    await sql.execute("UPDATE wallet_links SET expires_at = now()")
    assert (await _show(stand, old))[1]["error"]["code"] == "link_unknown"
    await sql.execute("UPDATE wallet_links SET expires_at = now() + interval '1 hour'")
    await _api(stand, "PUT", "wallets/mia/email", {"email": "new@example.com"})
    assert (await _show(stand, other))[1]["error"]["code"] == "link_unknown"
    stranger = {"venue_id": "018f0000-0000-7000-8000-000000000001", "email": MIA}
    said = await stand.call("POST", f"{stand.cloud.url}/wallet/link", stranger)
    assert said[1]["error"]["code"] in ("unknown_venue", "rate_limited")


_WAITS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid = $1 AND wait_event_type = 'Lock'
"""


async def test_a_link_that_is_made_while_the_address_changes_shows_nothing(
    stand: Linked, sql: asyncpg.Connection, database: str
) -> None:
    await _wallet(stand, "mia", MIA)
    organisation_id = str(await sql.fetchval("SELECT organisation_id FROM wallets"))
    owner = await asyncpg.connect(database)

    async def moves() -> None:
        async with owner.transaction():
            assert await wallet_links.set_email(owner, organisation_id, "mia", "new@example.com")

    pid = owner.get_server_pid()
    async with asyncio.TaskGroup() as group, stand.cloud.pool.acquire() as job, job.transaction():
        (found,) = await wallet_links.of_email(job, organisation_id, MIA)
        moving = group.create_task(moves())

        async def waits() -> bool:
            return moving.done() or bool(await sql.fetchval(_WAITS, pid))

        await eventually(waits)
        await wallet_links.make(job, found, "digest", 24)
    await owner.close()
    assert await sql.fetchval("SELECT email FROM wallets") == "new@example.com"
    assert await sql.fetchval("SELECT count(*) FROM wallet_links") == 0
    assert await wallet_links.of_email(sql, organisation_id, MIA) == []
