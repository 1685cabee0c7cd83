"""Splitting an SQL script into statements, triggers and all."""

import sqlite3
from collections.abc import Iterator


def statements(script: str) -> Iterator[str]:
    """Complete statements of `script`, in order."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
    if gathered.strip():
        yield gathered.strip()
