"""The schema is what it says it is: migrations lead to it, facts fold into it, impossible states do not."""

import asyncio
import subprocess
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

import cloud.store
from cloud.store.embedded_postgres import EmbeddedPostgres
from cloud.store.link.facts import upsert_statement
from cloud.store.migrate import migrate
from cloud.store.people import logins
from cloud.store.tenancy import acting_for
from protocol.facts import (
    bill,
    booking,
    cart,
    credit,
    design,
    drill,
    note,
    order,
    owner_command,
    payment,
    play,
    play_code,
    printout,
    refund_request,
    shift,
    shop_order,
    stored_card,
    table,
    ticket,
)
from protocol.facts.fold import SHAPES

SCHEMA = Path(cloud.store.__file__).parent / "schema.sql"
TENANCY = SCHEMA.with_name("tenancy.sql")
TYPES = {"text": "text", "int": "bigint", "bool": "boolean"}


def _dump(postgres: EmbeddedPostgres, url: str) -> list[str]:
    """The schema as pg_dump tells it, without what Alembic keeps for itself."""
    command = [
        str(postgres.programs / "pg_dump"),
        "--schema-only",
        "--no-owner",
        "-T",
        "alembic_version",
        url,
    ]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # \restrict carries a token that is new every time.
    return [line for line in dumped.splitlines() if not line.startswith(("--", "\\"))]


async def test_migrations_lead_to_the_schema(
    postgres: EmbeddedPostgres, database: str, empty_database: str
) -> None:
    connection = await asyncpg.connect(empty_database)
    await connection.execute(SCHEMA.read_text())
    await connection.execute(TENANCY.read_text())
    await connection.close()
    assert _dump(postgres, database) == _dump(postgres, empty_database)


async def test_what_an_earlier_release_has_kept_is_still_there(empty_database: str) -> None:
    """Rows of the release before people, menus and reports go through every migration since."""
    versions = SCHEMA.parent / "migrations/versions"
    connection = await asyncpg.connect(empty_database)
    for number in range(1, 6):
        (script,) = versions.glob(f"v{number:04}_*.sql")
        await connection.execute(script.read_text())
    await connection.execute("CREATE TABLE alembic_version (version_num text PRIMARY KEY)")
    await connection.execute("INSERT INTO alembic_version VALUES ('0005')")
    await connection.execute(
        """
        INSERT INTO organisations VALUES ('018f0000-0000-7000-8000-000000000001', 'Harbour');
        INSERT INTO users (user_id, organisation_id, email, password_hash, role) VALUES
            (gen_random_uuid(), '018f0000-0000-7000-8000-000000000001', 'ada@example.com', 'x', 'owner');
        INSERT INTO login_sessions (token_digest, user_id, csrf_token, expires_at)
            SELECT 'digest', user_id, 'csrf', now() + interval '1 hour' FROM users;
        INSERT INTO facts (venue_id, log_id, seq, aggregate, version, type, record, hash)
            VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'note:1', 1, 'x', 'record', 'hash');
        """
    )
    file = await connection.fetchval("SELECT pg_relation_filenode('facts')")
    await migrate(empty_database)
    assert await connection.fetchval("SELECT pg_relation_filenode('facts_live')") == file, (
        "nothing was copied"
    )
    assert await connection.fetchval("SELECT record FROM facts WHERE month = 'infinity'") == b"record"
    async with asyncpg.create_pool(empty_database, min_size=0, max_size=1) as pool:
        login = await logins.find_login(pool, "digest")
        async with acting_for(pool, "018f0000-0000-7000-8000-000000000001") as acting:
            assert await acting.fetchval("SELECT email FROM users") == "ada@example.com"
    assert login is not None
    assert (login.email, login.role, login.csrf_token) == ("ada@example.com", "owner", "csrf")
    await connection.close()


async def test_only_venues_where_money_was_paid_in_are_counted_anew(empty_database: str) -> None:
    """A count holds the venue's boxes up, so those whose takings were right already keep their sums."""
    connection = await asyncpg.connect(empty_database)
    for script in sorted((SCHEMA.parent / "migrations/versions").glob("v*.sql")):
        if script.name < "v0048":
            await connection.execute(script.read_text())
    await connection.execute("CREATE TABLE alembic_version (version_num text PRIMARY KEY)")
    await connection.execute("INSERT INTO alembic_version VALUES ('0047')")
    venues = {pid: uuid4() for pid in ("", "of-a-bill", "code-KB7T", "paid-in")}
    for pid, venue_id in venues.items():
        await connection.execute("INSERT INTO counted_venues (venue_id) VALUES ($1)", venue_id)
        if pid:
            session_pid = "s" if pid == "of-a-bill" else None
            row: dict[str, object] = {"payment_pid": pid, "session_pid": session_pid}
            await _insert(connection, "payments", venue_id, row)
    await migrate(empty_database)
    counted = {row["venue_id"] for row in await connection.fetch("SELECT venue_id FROM counted_venues")}
    assert counted == set(venues.values()) - {venues["paid-in"]}
    await connection.close()


async def test_processes_that_start_together_migrate_once(empty_database: str) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(migrate(empty_database))
    connection = await asyncpg.connect(empty_database)
    assert await connection.fetchval("SELECT count(*) FROM incarnations") == 1
    await connection.close()


async def test_facts_fold_into_tables_of_their_shapes(sql: asyncpg.Connection) -> None:
    for name, shape in SHAPES.items():
        columns = await sql.fetch(
            """
            SELECT column_name, data_type FROM information_schema.columns
            WHERE table_name = $1 ORDER BY ordinal_position
            """,
            name,
        )
        found = [(row["column_name"], row["data_type"]) for row in columns]
        assert found == [("venue_id", "uuid"), *((column, TYPES[kind]) for column, kind in shape.columns)]
        assert await _key(sql, name) == ["venue_id", *shape.key]


@pytest.mark.parametrize("name", SHAPES)
async def test_rows_of_every_table_can_be_written_again(sql: asyncpg.Connection, name: str) -> None:
    await sql.prepare(upsert_statement(SHAPES[name]))


async def _key(sql: asyncpg.Connection, name: str) -> list[str]:
    rows = await sql.fetch(
        """
        SELECT a.attname FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY k.place
        """,
        name,
    )
    return [row["attname"] for row in rows]


def _reachable(steps: dict[str, set[str]]) -> dict[str, set[str]]:
    """Which states can be reached from which, by one step or many."""
    reached = {state: set(following) for state, following in steps.items()}
    for _ in reached:
        for state, following in reached.items():
            reached[state] = following.union(*(reached[other] for other in following))
    return reached


def _steps(transitions: dict[str, dict[str, str]]) -> dict[str, set[str]]:
    return {state: set(events.values()) for state, events in transitions.items()}


MACHINES = {
    "table_sessions": ("status", _steps(table.TRANSITIONS)),
    "cart_items": ("state", _steps(cart.TRANSITIONS)),
    "orders": ("status", _steps(order.TRANSITIONS)),
    "tickets": ("state", {state: set(following) for state, following in ticket.TRANSITIONS.items()}),
    "printouts": ("state", _steps(printout.TRANSITIONS)),
    "play_sessions": ("status", _steps(play.TRANSITIONS)),
    "bookings": ("status", _steps(booking.TRANSITIONS)),
    "play_codes": ("status", _steps(play_code.TRANSITIONS)),
    "bills": ("status", {state: set(following) for state, following in bill.TRANSITIONS.items()}),
    "payments": ("status", _steps(payment.TRANSITIONS)),
    "command_outcomes": ("status", _steps(owner_command.TRANSITIONS)),
    "refund_requests": ("status", _steps(refund_request.TRANSITIONS)),
    "venue_credits": ("status", _steps(credit.TRANSITIONS)),
    "notes": ("status", _steps(note.TRANSITIONS)),
    "drills": ("status", _steps(drill.TRANSITIONS)),
    "stored_cards": ("status", _steps(stored_card.TRANSITIONS)),
    "shifts": ("status", _steps(shift.TRANSITIONS)),
    "table_designs": ("status", _steps(design.TRANSITIONS)),
    "table_shop_orders": ("status", _steps(shop_order.TRANSITIONS)),
}


@pytest.mark.parametrize("name", MACHINES)
async def test_rows_reach_only_what_their_machine_reaches(sql: asyncpg.Connection, name: str) -> None:
    """Every pair of states is tried; the tables in protocol.facts say which have to work."""
    column, steps = MACHINES[name]
    venue_id = uuid4()
    reached = _reachable(steps)
    for before in steps:
        await _insert(sql, name, venue_id, {column: before})
        for after in [*steps, "no such state"]:
            change = sql.transaction()
            await change.start()
            try:
                await sql.execute(f"UPDATE {name} SET {column} = $1 WHERE venue_id = $2", after, venue_id)
                went = True
            except asyncpg.CheckViolationError:
                went = False
            await change.rollback()
            assert went == (after == before or after in reached[before]), (name, before, after)
        await sql.execute(f"DELETE FROM {name} WHERE venue_id = $1", venue_id)


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if "version" in shape.column_names])
async def test_rows_never_go_back_to_an_older_version(sql: asyncpg.Connection, name: str) -> None:
    if name == "venue_configs":
        return  # there the version is the key
    await _insert(sql, name, uuid4(), {"version": 5})
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute(f"UPDATE {name} SET version = 4")
    await sql.execute(f"UPDATE {name} SET version = 6")


@pytest.mark.parametrize("name", ["receipts", "refunds", "bill_adjustments", "cash_movements"])
async def test_what_was_written_down_once_and_for_all_stays(sql: asyncpg.Connection, name: str) -> None:
    await _insert(sql, name, uuid4(), {})
    amount = "total_minor" if name == "receipts" else "amount_minor"
    await sql.execute(f"UPDATE {name} SET {amount} = {amount}")
    with pytest.raises(asyncpg.CheckViolationError):
        await sql.execute(f"UPDATE {name} SET {amount} = 2")


async def _insert(sql: asyncpg.Connection, name: str, venue_id: object, values: dict[str, object]) -> None:
    """A row with something in every column."""
    filler: dict[str, object] = {"text": "x", "int": 1, "bool": False}
    row = {column: filler[kind] for column, kind in SHAPES[name].columns}
    if name in MACHINES:
        column, steps = MACHINES[name]
        row[column] = next(iter(steps))
    row |= values
    places = ", ".join(f"${place}" for place in range(2, len(row) + 2))
    await sql.execute(
        f"INSERT INTO {name} (venue_id, {', '.join(row)}) VALUES ($1, {places})", venue_id, *row.values()
    )
