"""A box dies, another takes its place, the first comes back: on real processes, as it happens to people."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from edge.journal.backup import backup, restore
from edge.journal.database import open_reader, read_head
from tests.integration.faults.chain import Parts, chain
from tests.integration.faults.programs import Server, edge_program
from tests.integration.faults.wire import Limit
from tests.integration.successions.boxes import claim, doctor, replacement_code, until_status

pytestmark = pytest.mark.xdist_group("successions")


@asynccontextmanager
async def heir(parts: Parts, scratch: Path) -> AsyncIterator[Server]:
    """A new box that has claimed the venue; not started."""
    directory = scratch / "heir"
    status, said = await claim(directory, parts.cloud.url, await replacement_code(parts))
    assert status == 0, said
    assert "facts were carried over" in said
    program = edge_program(directory)
    try:
        yield program
    finally:
        program.kill()


async def test_a_new_box_serves_what_the_old_one_left(tmp_path: Path, database: str) -> None:
    async with chain(tmp_path, database) as parts:
        await parts.crowd.more_orders(4)
        facts = await parts.rest()
        parts.box.kill()
        async with heir(parts, tmp_path) as box:
            await box.up()
            await until_status(box, lambda status: status["link"] == "live" and status["unsynced"] == 0)
            reader = open_reader(tmp_path / "heir")
            assert read_head(reader)[0] >= facts
            await _same_open_tables(parts, box)
            await _sells(parts, box)
            await until_status(box, lambda status: status["link"] == "live" and status["unsynced"] == 0)
            box.stop()
            status, said = await doctor(tmp_path / "heir")
            assert status == 0, said
            async with parts.postgres() as sql:
                await _chained(sql)


async def _same_open_tables(parts: Parts, box: Server) -> None:
    async with parts.postgres() as sql:
        theirs = await sql.fetchval("SELECT count(*) FROM table_sessions WHERE status = 'open'")
    reader = open_reader(box_directory(box))
    ours = reader.execute("SELECT count(*) FROM table_sessions WHERE status = 'open'").fetchone()[0]
    items = reader.execute("SELECT count(*) FROM cart_items").fetchone()[0]
    reader.close()
    assert ours == theirs == 2
    assert items > 0


def box_directory(box: Server) -> Path:
    """The data directory of an edge program."""
    return Path(box._arguments[box._arguments.index("--data") + 1])


async def _sells(parts: Parts, box: Server) -> None:
    """A guest scans a code, orders, and gets numbers that nobody had before."""
    table = parts.venue.tables[4].code
    async with aiohttp.ClientSession(box.url) as http:
        async with http.post("/session/join", json={"table": table, "name": "Eve"}) as answer:
            assert answer.status == 200, await answer.text()
            seat = await answer.json()
        headers = {"Authorization": f"Bearer {seat['ws_token']}"}
        body = {"session_pid": seat["session_pid"], "word": parts.venue.pass_word}
        async with http.post("/session/validate_pass", json=body, headers=headers) as answer:
            assert answer.status == 200
        async with http.get("/menu") as answer:
            menu = await answer.json()
        item = next(each for each in menu["items"] if each["name"] == "Croissant")
        path = f"/ws/table?sid={seat['session_pid']}"
        async with http.ws_connect(path, headers=headers) as socket:
            mid = "018f0000-0000-7000-8000-000000000001"
            await socket.send_json(
                {"type": "cart_mutate", "op": "create", "menu_item": item["id"], "mid": mid}
            )
            while (heard := await socket.receive_json())["type"] != "cart_update":
                assert heard["type"] != "error", heard
        async with http.get(f"/cart_snapshot?session_pid={seat['session_pid']}", headers=headers) as answer:
            cart_hash = (await answer.json())["cart_hash"]
        order = {"session_pid": seat["session_pid"], "cart_hash": cart_hash}
        async with http.post("/orders", json=order, headers=headers) as answer:
            placed = await answer.json()
            assert answer.status == 201, placed
    assert int(placed["order_id"].rpartition("-")[2]) > 10_000


async def _chained(sql: asyncpg.Connection) -> None:
    """The new log goes on right after the old one, dense and hashed, and nothing was set aside."""
    rows = await sql.fetch("SELECT log_id, seq FROM facts ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert len({row["log_id"] for row in rows}) == 2
    assert await sql.fetchval("SELECT count(*) FROM quarantine") == 0


async def test_a_download_that_is_cut_again_and_again_is_resumed(tmp_path: Path, database: str) -> None:
    async with chain(tmp_path, database) as parts:
        await parts.crowd.more(800)
        await parts.rest()
        parts.box.kill()
        code = await replacement_code(parts)
        parts.wire.limits.extend([Limit(down=100), Limit(down=900), Limit(down=2_000), Limit(down=10_000)])
        status, said = await claim(tmp_path / "heir", parts.wire.url, code)
        while status != 0:
            assert "cloud" in said
            status, said = await claim(tmp_path / "heir", parts.wire.url, code)
        assert parts.wire.cuts >= 2
        assert "facts were carried over" in said
        assert (await doctor(tmp_path / "heir"))[0] == 0


async def test_a_replaced_box_stops_selling_and_hands_in_what_it_has(tmp_path: Path, database: str) -> None:
    async with chain(tmp_path, database) as parts:
        await parts.crowd.more_orders(2)
        parts.wire.cut()
        await parts.crowd.more_orders(3)
        await parts.crowd.rest()
        reader = open_reader(parts.directory)
        tail_seq = read_head(reader)[0]
        reader.close()
        async with heir(parts, tmp_path) as box, parts.postgres() as sql:
            synced = await sql.fetchval("SELECT max(seq) FROM facts")
            assert synced < tail_seq
            await box.up()
            parts.wire.heal()
            status = await until_status(
                parts.box, lambda status: status["link"] == "replaced" and status["unsynced"] == 0
            )
            assert status["replaced_by"] == 2
            orphans = await sql.fetch("SELECT seq FROM orphans ORDER BY seq")
            assert [row["seq"] for row in orphans] == list(range(synced + 1, tail_seq + 1))
            assert await sql.fetchval("SELECT count(*) FROM orphan_orders WHERE status = 'confirmed'") >= 3
            await _refuses_everything(parts)
            parts.box.stop()
            parts.wire.cut()
            await parts.box.up()
            await until_status(parts.box, lambda status: status["link"] == "replaced")
            await until_status(box, lambda status: status["link"] == "live")


async def _refuses_everything(parts: Parts) -> None:
    code = parts.venue.tables[0].code
    async with aiohttp.ClientSession(parts.box.url) as http:
        async with http.post("/session/join", json={"table": code, "name": "Eve"}) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (410, "box_replaced")
        async with http.get(f"/t/{code}", headers={"Accept": "text/html"}) as answer:
            assert answer.status == 410
            assert "This box was replaced" in await answer.text()


async def test_a_box_put_back_from_a_backup_begins_anew_by_itself(tmp_path: Path, database: str) -> None:
    async with chain(tmp_path, database) as parts:
        await parts.crowd.more_orders(2)
        backup(parts.directory, tmp_path / "backup.sqlite3")
        await parts.crowd.more_orders(3)
        facts = await parts.rest()
        parts.box.stop()
        restore(tmp_path / "backup.sqlite3", parts.directory)
        box = edge_program(parts.directory)  # elsewhere: the phones of before would rightly complain
        await box.up()
        try:
            await until_status(box, lambda status: status["link"] == "live" and status["unsynced"] == 0)
        finally:
            box.stop()
        reader = open_reader(parts.directory)
        assert read_head(reader)[0] >= facts
        assert reader.execute("SELECT epoch FROM box").fetchone() == (2,)
        orders = reader.execute("SELECT count(*) FROM orders WHERE status = 'confirmed'").fetchone()[0]
        reader.close()
        async with parts.postgres() as sql:
            assert orders == await sql.fetchval("SELECT count(*) FROM orders WHERE status = 'confirmed'")
        assert (await doctor(parts.directory))[0] == 0


@pytest.mark.parametrize("former_lost", [False, True], ids=["joins on", "begins anew"])
async def test_a_box_that_a_restored_cloud_does_not_know_gets_its_place_again(
    tmp_path: Path, database: str, former_lost: bool
) -> None:
    """It keeps its journal where the cloud has what that goes on after; otherwise it sends it as orphans."""
    async with chain(tmp_path, database) as parts:
        await parts.crowd.more_orders(2)
        await parts.rest()
        parts.box.kill()
        async with heir(parts, tmp_path) as box, parts.postgres() as sql:
            await box.up()
            await _sells(parts, box)
            await until_status(box, lambda status: status["link"] == "live" and status["unsynced"] == 0)
            directory = box_directory(box)
            box.stop()
            await _forget_the_second_box(sql, former_lost)
            await box.up()
            await until_status(box, lambda status: "does not know this box" in status["link_message"])
            box.stop()
            again, said = await claim(directory, parts.cloud.url, await replacement_code(parts))
            assert again == 0, said
            await box.up()
            await until_status(box, lambda status: status["link"] == "live" and status["unsynced"] == 0)
            if former_lost:
                await until_status(box, lambda status: any(directory.glob("orphans/*/sent")))
                counted = "SELECT count(*) FROM orphan_orders WHERE status = 'confirmed'"
                assert await sql.fetchval(counted) == 1
            else:
                await _chained(sql)
            box.stop()
            assert (await doctor(directory))[0] == 0


async def _forget_the_second_box(sql: asyncpg.Connection, former_lost: bool) -> None:
    """The cloud as a backup of the time before the second claim has it."""
    await sql.execute("DELETE FROM facts WHERE log_id = (SELECT log_id FROM nodes WHERE epoch = 2)")
    await sql.execute("DELETE FROM nodes WHERE epoch = 2")
    for table in ("snapshots", "snapshot_chunks", "claim_codes"):
        await sql.execute(f"DELETE FROM {table}")
    await sql.execute("UPDATE venues SET epoch = 1")
    await sql.execute("UPDATE nodes SET fenced_at = NULL, connection = NULL")
    if former_lost:
        await sql.execute("DELETE FROM facts WHERE seq > (SELECT max(seq) - 5 FROM facts)")
        await sql.execute(
            """
            UPDATE nodes SET (durable_seq, durable_hash) =
                (SELECT seq, hash FROM facts ORDER BY seq DESC LIMIT 1)
            """
        )


async def test_of_two_boxes_with_one_card_one_sells_on(tmp_path: Path, database: str) -> None:
    async with chain(tmp_path, database) as parts:
        await parts.crowd.more(50)
        await parts.crowd.rest()
        parts.box.stop()
        shutil.copytree(parts.directory, tmp_path / "copy")
        await parts.box.up()
        await until_status(parts.box, lambda status: status["link"] == "live")
        copy = edge_program(tmp_path / "copy")
        try:
            await copy.up()
            await until_status(copy, lambda status: status["link"] == "replaced")
            await until_status(parts.box, lambda status: status["link"] == "live")
        finally:
            copy.kill()
