"""The schema is the sum of its migrations, has the columns of the shapes, and guards what the facts guard."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.journal import migrating
from edge.journal.migrations.statements import statements
from edge.journal.migrations.versions import m0001_first_schema
from edge.journal.tables import RowBatch, upsert
from protocol.facts import cart, order, printout, table, ticket
from protocol.facts.fold import SHAPES

SCHEMA = (Path(migrating.__file__).parent / "schema.sql").read_text("utf-8")
TYPES = {"int": "INTEGER", "text": "TEXT", "bool": "INTEGER"}


def described(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Everything that a schema consists of, with its SQL in one spelling."""
    query = (
        "SELECT type, name, sql FROM sqlite_master "
        "WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' AND name NOT LIKE 'sqlite_%'"
    )
    return {(kind, name): _spelt(sql) for kind, name, sql in connection.execute(query)}


def _spelt(sql: str) -> str:
    lines = (line.partition("--")[0] for line in sql.splitlines())
    # A column that was added later follows its comma in another place.
    return " ".join(" ".join(lines).split()).replace(" ,", ",").replace(" )", ")").replace("( ", "(")


def test_the_schema_is_the_sum_of_its_migrations(tmp_path: Path, fresh: sqlite3.Connection) -> None:
    migrating.migrate(tmp_path / "migrated.sqlite3", migrating.HEAD)
    migrated = sqlite3.connect(tmp_path / "migrated.sqlite3")
    assert described(migrated) == described(fresh)
    assert len(described(fresh)) > 20
    migrated.close()


def test_a_new_database_is_what_all_migrations_make_and_is_numbered_like_it(tmp_path: Path) -> None:
    migrating.migrate(tmp_path / "migrated.sqlite3", migrating.HEAD)
    migrating.upgrade(tmp_path / "new.sqlite3")
    query = "SELECT sql FROM sqlite_master WHERE name = 'alembic_version'"
    told = []
    for name in ("migrated.sqlite3", "new.sqlite3"):
        connection = sqlite3.connect(tmp_path / name)
        numbered = _spelt(connection.execute(query).fetchone()[0])
        told.append((described(connection), numbered, migrating.current(tmp_path / name)))
        connection.close()
    assert told[0] == told[1]


def test_migrations_end_at_the_head_and_may_be_run_again(tmp_path: Path) -> None:
    path = tmp_path / "migrated.sqlite3"
    assert migrating.current(path) is None
    migrating.upgrade(path)
    assert migrating.current(path) == migrating.HEAD
    before = path.read_bytes()
    migrating.upgrade(path)
    assert path.read_bytes() == before


def test_a_database_is_kept_as_it_was_before_it_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    migrating.migrate(path, "0001")
    assert not list(tmp_path.glob("*before*"))
    older = sqlite3.connect(path, isolation_level=None)
    older.execute("PRAGMA journal_mode=WAL")
    older.execute("INSERT INTO stock VALUES (17, 5, 0, 1)")
    before = described(older)
    migrating.upgrade(path)
    older.close()
    kept = sqlite3.connect(tmp_path / f"journal.sqlite3.before-{migrating.HEAD}")
    assert described(kept) == before
    assert kept.execute("SELECT qty FROM stock").fetchone() == (5,)
    assert migrating.current(tmp_path / f"journal.sqlite3.before-{migrating.HEAD}") == "0001"
    assert migrating.current(path) == migrating.HEAD
    kept.close()


@pytest.mark.parametrize("begun", [lambda path: migrating.migrate(path, migrating.HEAD), migrating.upgrade])
def test_what_is_cut_short_leaves_the_database_as_it_was(
    tmp_path: Path, begun: Callable[[Path], None]
) -> None:
    path = tmp_path / "cut.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("CREATE TABLE tickets (in_the_way)")
    other.close()
    with pytest.raises(Exception, match="tickets already exists"):
        begun(path)
    left = sqlite3.connect(path)
    names = {name for (name,) in left.execute("SELECT name FROM sqlite_master")}
    assert names <= {"tickets", "alembic_version", "sqlite_autoindex_alembic_version_1"}
    left.close()


def test_statements_are_split_where_they_end() -> None:
    parts = list(statements(SCHEMA))
    assert len([part for part in parts if "CREATE" in part]) == SCHEMA.count("\nCREATE")
    assert all(sqlite3.complete_statement(part) for part in parts)


@pytest.mark.parametrize("name", SHAPES)
def test_a_folded_table_has_the_columns_and_the_key_of_its_shape(
    name: str, fresh: sqlite3.Connection
) -> None:
    shape = SHAPES[name]
    columns = fresh.execute(f"PRAGMA table_info({name})").fetchall()
    assert [(column[1], column[2]) for column in columns] == [
        (column, TYPES[kind]) for column, kind in shape.columns
    ]
    keyed = sorted((column[5], column[1]) for column in columns if column[5])
    assert tuple(column for _, column in keyed) == shape.key
    strict = fresh.execute("SELECT strict FROM pragma_table_list WHERE name = ?", (name,)).fetchone()
    assert strict == (1,)
    assert fresh.execute(f"EXPLAIN {upsert(shape)}", [None] * len(columns))


def test_tables_can_be_written_in_the_order_in_which_they_refer_to_each_other() -> None:
    names = list(SHAPES)
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    for name in names:
        for row in connection.execute(f"PRAGMA foreign_key_list({name})"):
            assert names.index(row[2]) <= names.index(name), (name, row[2])
    connection.close()


# ── guards: every pair of states, through SQL ────────────────────────────────────────────────────────

TABLE_ROW = "INSERT INTO table_sessions VALUES ('s1', 'TABLE1', 'T1', '{}', 0, 1, NULL, 1)"
CART_ROW = "INSERT INTO carts VALUES ('s1', 1, NULL, NULL, 1)"
ITEM_ROW = (
    "INSERT INTO cart_items VALUES (1, 's1', 17, 'Burger', 1, 'chinu', 950, 1, 1, '{}', '', '[]', 0, '[]')"
)
ORDER_ROW = (
    "INSERT INTO orders VALUES "
    "('ORD-7-1', 1, 's1', 'T1', 'chinu', 'hash', 950, 'EUR', '', '{}', NULL, NULL, 1, NULL, 1, 1, 0, 0, NULL)"
)
LINE_ROW = (
    "INSERT INTO order_lines VALUES ('{}', 1, 17, 'Burger', 1, 950, 1, 0, 'chinu', 'bar', '', '[]', 0, '[]')"
)
TICKET_ROW = "INSERT INTO tickets VALUES ('K-1', 'grill', 'ORD-7-1', 's1', 'T1', '{}', 1, 1, 1, '')"


def moves(connection: sqlite3.Connection, table_name: str, column: str, after: str) -> bool:
    """Whether the guards let the one row of a table take a state."""
    try:
        connection.execute(f"UPDATE {table_name} SET {column} = ?", (after,))
    except sqlite3.IntegrityError:
        return False
    return True


def allowed(transitions: dict[str, dict[str, str]], before: str, after: str) -> bool:
    """Whether some event leads from one state to the other; staying is no transition."""
    return before == after or after in transitions[before].values()


@pytest.mark.parametrize("before", table.TRANSITIONS)
@pytest.mark.parametrize("after", table.TRANSITIONS)
def test_table_sessions_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    fresh.execute(TABLE_ROW.format(before))
    assert moves(fresh, "table_sessions", "status", after) == allowed(table.TRANSITIONS, before, after)


@pytest.mark.parametrize("before", cart.TRANSITIONS)
@pytest.mark.parametrize("after", cart.TRANSITIONS)
def test_cart_items_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    for row in (TABLE_ROW.format("open"), CART_ROW, ITEM_ROW.format(before)):
        fresh.execute(row)
    assert moves(fresh, "cart_items", "state", after) == allowed(cart.TRANSITIONS, before, after)


@pytest.mark.parametrize("before", order.TRANSITIONS)
@pytest.mark.parametrize("after", order.TRANSITIONS)
def test_orders_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    for row in (TABLE_ROW.format("open"), ORDER_ROW.format(before)):
        fresh.execute(row)
    change = "UPDATE orders SET status = ?, ticket_number = iif(? = 'confirmed', 1, NULL)"
    try:
        fresh.execute(change, (after, after))
        went = True
    except sqlite3.IntegrityError:
        went = False
    assert went == allowed(order.TRANSITIONS, before, after)


SECOND_ORDER_ROW = ORDER_ROW.format("{}").replace("'ORD-7-1', 1", "'ORD-7-2', 2")


@pytest.mark.parametrize(("number", "fits"), [(None, False), (1, False), (2, True), (3, False)])
def test_confirmed_orders_are_numbered_without_gaps(
    fresh: sqlite3.Connection, number: int | None, fits: bool
) -> None:
    rows = (TABLE_ROW.format("open"), ORDER_ROW.format("processing"), SECOND_ORDER_ROW.format("processing"))
    for row in rows:
        fresh.execute(row)
    confirm = "UPDATE orders SET status = 'confirmed', ticket_number = ? WHERE order_id = ?"
    fresh.execute(confirm, (1, "ORD-7-2"))
    if fits:
        fresh.execute(confirm, (number, "ORD-7-1"))
    else:
        with pytest.raises(sqlite3.IntegrityError):
            fresh.execute(confirm, (number, "ORD-7-1"))


@pytest.mark.parametrize(("status", "free"), [("failed", True), ("abandoned", True), ("confirmed", False)])
def test_a_line_is_in_one_order_that_counts(fresh: sqlite3.Connection, status: str, free: bool) -> None:
    rows = (TABLE_ROW.format("open"), ORDER_ROW.format(status), SECOND_ORDER_ROW.format("processing"))
    for row in (*rows, LINE_ROW.format("ORD-7-1")):
        fresh.execute(row)
    if not free:
        with pytest.raises(sqlite3.IntegrityError, match="ordered once"):
            fresh.execute(LINE_ROW.format("ORD-7-2"))
        return
    fresh.execute(LINE_ROW.format("ORD-7-2"))
    with pytest.raises(sqlite3.IntegrityError):
        fresh.execute("UPDATE orders SET status = 'processing' WHERE order_id = 'ORD-7-1'")


@pytest.mark.parametrize("status", order.TRANSITIONS)
def test_only_an_order_under_way_is_in_doubt(fresh: sqlite3.Connection, status: str) -> None:
    for row in (TABLE_ROW.format("open"), ORDER_ROW.format(status)):
        fresh.execute(row)
    doubt = "UPDATE orders SET in_doubt = 1, asked = ?"
    with pytest.raises(sqlite3.IntegrityError):
        fresh.execute(doubt, (0,))
    if status == "processing":
        fresh.execute(doubt, (1,))
    else:
        with pytest.raises(sqlite3.IntegrityError):
            fresh.execute(doubt, (1,))


def test_orders_of_the_first_release_are_kept(tmp_path: Path) -> None:
    """What was written before there were slow points of sale."""
    path = tmp_path / "old.sqlite3"
    old = sqlite3.connect(path, isolation_level=None)
    for statement in statements(m0001_first_schema.SCHEMA):
        old.execute(statement)
    old.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    old.execute("INSERT INTO alembic_version VALUES ('0001')")
    values = (
        ORDER_ROW.format("confirmed").replace(", 0, 0, NULL)", ")").replace("NULL, NULL, 1", "'K-1', 1, 1")
    )
    line = LINE_ROW.format("ORD-7-1").replace(", 0, '[]')", ")")
    for row in (TABLE_ROW.format("open"), values, line):
        old.execute(row)
    old.close()
    migrating.upgrade(path)
    migrated = sqlite3.connect(path)
    kept = "SELECT status, ticket_number, asked, in_doubt, pos_reference FROM orders"
    assert migrated.execute(kept).fetchall() == [("confirmed", 1, 0, 0, None)]
    migrated.close()


@pytest.mark.parametrize("before", ticket.TRANSITIONS)
@pytest.mark.parametrize("after", ticket.TRANSITIONS)
def test_tickets_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    for row in (TABLE_ROW.format("open"), ORDER_ROW.format("confirmed"), TICKET_ROW.format(before)):
        fresh.execute(row)
    expected = before == after or after in ticket.TRANSITIONS[before]
    assert moves(fresh, "tickets", "state", after) == expected


@pytest.mark.parametrize("before", printout.TRANSITIONS)
@pytest.mark.parametrize("after", printout.TRANSITIONS)
def test_printouts_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    fresh.execute(f"INSERT INTO printouts VALUES ('K-1@grill', 'ticket', '{before}', NULL, 0, 1, 1, 1)")
    assert moves(fresh, "printouts", "state", after) == allowed(printout.TRANSITIONS, before, after)


JOURNAL_ROW = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, '{}', zeroblob(32))"


def followed(connection: sqlite3.Connection) -> None:
    """Two facts of one aggregate and one of another."""
    for row in ((1, "cart:s1", 1, 0, "mid-1"), (2, "cart:s1", 2, 1, None), (3, "cart:s2", 1, 0, "mid-1")):
        connection.execute(JOURNAL_ROW, row)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((3, "cart:s1", 3, 2, None), "seq taken"),
        ((4, "cart:s1", 3, 1, None), "the fact before was followed already"),
        ((4, "cart:s1", 4, 2, None), "a version is skipped"),
        ((4, "cart:s1", 2, 2, None), "a version is repeated"),
        ((4, "cart:s2", 3, 2, None), "it follows a fact of another aggregate"),
        ((4, "cart:s9", 2, 0, None), "it follows nothing"),
        ((4, "cart:s9", 1, 2, None), "a first fact that follows another"),
        ((4, "cart:s9", 0, 0, None), "no version"),
        ((4, "cart:s1", 3, 2, "mid-1"), "the mid was used in this aggregate"),
        ((4, "cart:s1", 3, 9, None), "it follows what is not there"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_journal_cannot_fork_skip_or_repeat(
    fresh: sqlite3.Connection, row: tuple[object, ...], why: str
) -> None:
    followed(fresh)
    with pytest.raises(sqlite3.IntegrityError):
        fresh.execute(JOURNAL_ROW, row)
    assert fresh.execute("SELECT count(*) FROM journal").fetchone() == (3,), why


def test_a_fact_never_changes(fresh: sqlite3.Connection) -> None:
    followed(fresh)
    with pytest.raises(sqlite3.IntegrityError, match="a fact never changes"):
        fresh.execute("UPDATE journal SET record = '[]' WHERE seq = 2")
    fresh.execute(JOURNAL_ROW, (4, "cart:s1", 3, 2, "mid-2"))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO table_sessions VALUES ('s2', 'TABLE1', 'T1', 'open', 0, 1, NULL, 1)",
        "INSERT INTO table_sessions VALUES ('s2', 'TABLE2', 'T2', 'ajar', 0, 1, NULL, 1)",
        "INSERT INTO table_members VALUES ('s1', 'anshu', 'Anshu', 1, 1, NULL)",
        "INSERT INTO table_members VALUES ('s9', 'bela', 'Bela', 0, 1, NULL)",
        "UPDATE cart_items SET version = 0",
        "UPDATE cart_items SET qty = 0",
        "UPDATE cart_items SET qty = 'two'",
        "UPDATE cart_items SET state = 'eaten'",
        ORDER_ROW.format("processing").replace("ORD-7-1", "ORD-7-2"),
        LINE_ROW.format("ORD-7-2"),
        "INSERT INTO tickets VALUES ('K-2', 'grill', 'ORD-7-9', 's1', 'T1', 'fired', 1, 1, 1, '')",
        "INSERT INTO stock VALUES (17, 1, 2, 1)",
        "INSERT INTO stock VALUES (17, 'many', 0, 1)",
    ],
)
def test_impossible_rows_are_refused(fresh: sqlite3.Connection, statement: str) -> None:
    for row in (
        TABLE_ROW.format("open"),
        "INSERT INTO table_members VALUES ('s1', 'chinu', 'Chinu', 1, 1, NULL)",
        CART_ROW,
        ITEM_ROW.format("pending"),
        "UPDATE cart_items SET version = 2",
        ORDER_ROW.format("confirmed"),
        LINE_ROW.format("ORD-7-1"),
    ):
        fresh.execute(row)
    with pytest.raises(sqlite3.IntegrityError):
        fresh.execute(statement)


def test_a_batch_keeps_every_guarded_step_and_the_last_of_the_others(fresh: sqlite3.Connection) -> None:
    """What was folded away would never meet its trigger."""
    fresh.execute(TABLE_ROW.format("open"))
    fresh.execute(CART_ROW)
    steps = [
        ("pending", 1, 1),
        ("pending", 2, 2),
        ("locked", 2, 2),
        ("pending", 2, 2),
        ("pending", 3, 3),
        ("locked", 3, 3),
        ("ordered", 3, 3),
    ]
    batch = RowBatch()
    for state, qty, version in steps:
        batch.add([("cart_items", (1, "s1", 17, "B", qty, "m", 950, 1, version, state, "", "[]", 0, "[]"))])
    fresh.execute("CREATE TABLE seen (state TEXT, qty INTEGER)")
    fresh.execute(
        "CREATE TRIGGER watch AFTER UPDATE ON cart_items "
        "BEGIN INSERT INTO seen VALUES (NEW.state, NEW.qty); END"
    )
    batch.write(fresh)
    written = [f"{state} {qty}" for state, qty in fresh.execute("SELECT state, qty FROM seen")]
    assert written == ["locked 2", "pending 3", "locked 3", "ordered 3"]
    illegal = RowBatch()
    for state in ("pending", "ordered"):
        illegal.add([("cart_items", (2, "s1", 17, "B", 1, "m", 950, 1, 1, state, "", "[]", 0, "[]"))])
    with pytest.raises(sqlite3.IntegrityError, match="cannot move like that"):
        illegal.write(fresh)
