"""An empty database for tests that try the guards of the schema by hand."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import edge.journal

SCHEMA = (Path(edge.journal.__file__).parent / "schema.sql").read_text("utf-8")


@pytest.fixture
def fresh() -> Iterator[sqlite3.Connection]:
    """The present schema, as the writer would open it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.executescript(SCHEMA)
    yield connection
    connection.close()
