"""The second wall: what Postgres itself shows to somebody who acts for one organisation."""

from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

import cloud.store
from cloud.app import Serving
from cloud.store.embedded_postgres import EmbeddedPostgres
from cloud.store.migrate import migrate
from cloud.store.tenancy import ROLE, acting_for
from protocol.facts.fold import SHAPES
from tests.integration.cloud.organisation import Organisation, found

#: Of nobody's organisation: for the cloud itself.
INTERNAL = {"incarnations", "login_sessions", "attempts", "recovery_codes", "alembic_version", "archives"} | {
    *("releases", "release_rings"),
    *("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics"),
}
#: Whole tables are not shown where a column is a secret.
SECRETS = {
    "users": {"password_hash", "totp_secret", "totp_offered", "totp_step"},
    "api_tokens": {"token_digest"},
    "invitations": {"token_digest"},
    "claim_codes": {"code_digest"},
    "pairings": {"user_code_digest", "device_code_digest", "public_key", "house"},
    "nodes": {"public_key", "durable_hash"},
}


@pytest.fixture
async def harbour(cloud: Serving) -> Organisation:
    return await found(cloud, "harbour")


@pytest.fixture
async def pier(cloud: Serving) -> Organisation:
    return await found(cloud, "pier")


async def test_every_table_stands_behind_the_wall(sql: asyncpg.Connection) -> None:
    tables = await sql.fetch(
        """
        SELECT c.relname, c.relrowsecurity, has_table_privilege($1, c.oid, 'SELECT') AS shown
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT c.relispartition
        """,
        ROLE,
    )
    assert {row["relname"] for row in tables} > {*SHAPES, *INTERNAL, *SECRETS}
    for row in tables:
        if row["relname"] in INTERNAL:
            assert not row["shown"], row["relname"]
        else:
            assert row["relrowsecurity"], row["relname"]
            assert row["shown"] != (row["relname"] in SECRETS), row["relname"]
    parts = "SELECT bool_or(has_table_privilege($1, oid, 'SELECT')) FROM pg_class WHERE relispartition"
    assert await sql.fetchval(parts, ROLE) is False, "a part of a table is reached through the whole"
    role = await sql.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = $1", ROLE
    )
    assert list(role) == [False, False, False]


@pytest.mark.parametrize("table", SECRETS)
async def test_secrets_are_not_shown_even_to_their_organisation(
    cloud: Serving, harbour: Organisation, table: str
) -> None:
    for column in SECRETS[table]:
        async with acting_for(cloud.pool, harbour.organisation_id) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"SELECT {column} FROM {table}")


async def test_a_statement_that_asks_for_everything_gets_its_own(
    cloud: Serving, harbour: Organisation, pier: Organisation, sql: asyncpg.Connection
) -> None:
    await sql.execute(
        "INSERT INTO stock (venue_id, menu_item, qty, taken_off, version) VALUES ($1, 1, 1, false, 1), "
        "($2, 1, 2, false, 1)",
        harbour.ids["venue_id"],
        pier.ids["venue_id"],
    )
    for organisation, other, qty in ((harbour, pier, 1), (pier, harbour, 2)):
        async with acting_for(cloud.pool, organisation.organisation_id) as connection:
            assert await connection.fetchval("SELECT array_agg(qty) FROM stock") == [qty]
            assert await connection.fetchval("SELECT count(*) FROM organisations") == 1
            assert await connection.fetchval("SELECT count(*) FROM venues") == 1
            found_ids = await connection.fetch("SELECT user_id FROM users")
            assert not {str(row["user_id"]) for row in found_ids} & set(other.people.values())
            gone = await connection.execute("DELETE FROM users WHERE user_id = $1", other.people["support"])
            assert gone == "DELETE 0"


async def test_nothing_can_be_written_into_another_organisation(
    cloud: Serving, harbour: Organisation, pier: Organisation
) -> None:
    statements = [
        "INSERT INTO audit (organisation_id, actor, action, origin) VALUES ($1, 'x', 'x', 'x')",
        "INSERT INTO down_heads (venue_id, stream, seq) SELECT $1::uuid, 'menu', 9",
    ]
    for statement in statements:
        for target in (pier.organisation_id, pier.ids["venue_id"]):
            with pytest.raises(asyncpg.PostgresError):
                async with acting_for(cloud.pool, harbour.organisation_id) as connection:
                    await connection.execute(statement, target)


async def test_what_was_written_into_the_audit_stays(cloud: Serving, harbour: Organisation) -> None:
    for statement in ("UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with acting_for(cloud.pool, harbour.organisation_id) as connection:
                await connection.execute(statement)


async def test_whoever_names_no_organisation_sees_nothing(cloud: Serving, harbour: Organisation) -> None:
    async with cloud.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {ROLE}")
        assert await connection.fetchval("SELECT count(*) FROM venues") == 0
        assert await connection.fetchval("SELECT count(*) FROM organisations") == 0


async def test_a_connection_is_itself_again_afterwards(cloud: Serving, harbour: Organisation) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with acting_for(cloud.pool, harbour.organisation_id) as connection:
            await connection.execute("SELECT 1 / 0")
    for _ in range(cloud.pool.get_size()):
        async with cloud.pool.acquire() as connection:
            assert await connection.fetchval("SELECT current_user") != ROLE
            assert not await connection.fetchval("SELECT current_setting('holdfast.organisation', true)")


async def test_a_new_table_is_walled_in_at_the_next_start(
    database: str, sql: asyncpg.Connection, cloud: Serving, harbour: Organisation
) -> None:
    await sql.execute("CREATE TABLE hats (venue_id uuid PRIMARY KEY)")
    await sql.execute("INSERT INTO hats VALUES ($1), ($2)", harbour.ids["venue_id"], uuid4())
    await migrate(database)
    async with acting_for(cloud.pool, harbour.organisation_id) as connection:
        assert await connection.fetchval("SELECT count(*) FROM hats") == 1


async def test_a_database_whose_user_is_no_administrator(
    postgres: EmbeddedPostgres, empty_database: str, sql: asyncpg.Connection
) -> None:
    """As a hosted Postgres gives one out: the role is made by hand and granted, and that is all it takes."""
    name = f"plain_{uuid4().hex[:8]}"
    at, database = empty_database.rpartition("@")[2].rsplit("/", 1)
    await sql.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'plain'")
    await sql.execute(f"ALTER DATABASE {database} OWNER TO {name}")
    url = f"postgresql://{name}:plain@{at}/{database}"
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError) as refused:
            await migrate(url)
        assert f"GRANT {ROLE} TO {name}" in str(refused.value.hint)
        await sql.execute(f"GRANT {ROLE} TO {name}")
        await migrate(url)
        await migrate(url)
        pool = await asyncpg.create_pool(url, min_size=0)
        async with acting_for(pool, str(uuid4())) as connection:
            assert await connection.fetchval("SELECT current_user") == ROLE
            assert await connection.fetchval("SELECT count(*) FROM venues") == 0
        await pool.close()
    finally:
        administrator = await asyncpg.connect(empty_database)
        await administrator.execute(f"REASSIGN OWNED BY {name} TO CURRENT_USER; DROP OWNED BY {name}")
        await administrator.close()
        await sql.execute(f"DROP ROLE {name}")


def test_the_wall_is_one_file() -> None:
    """Nobody hides a rule in a migration, where the next reader would not look."""
    versions = Path(cloud.store.__file__).parent / "migrations/versions"
    assert [path.name for path in versions.glob("*.sql") if "ROW LEVEL" in path.read_text()] == []
