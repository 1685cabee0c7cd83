"""Menus that were in force once, by version: carts hold lines of them until they are ordered or taken out."""

import sqlite3

import msgspec

from protocol.facts.menu import Menu, MenuBook, book_of

_menu = msgspec.json.Decoder(Menu)


def earlier_menu(reader: sqlite3.Connection, menu_version: int) -> MenuBook | None:
    """The menu of that number as it is on disk; None where none was adopted. Raises `sqlite3.Error`."""
    row = reader.execute("SELECT body FROM menus WHERE menu_version = ?", (menu_version,)).fetchone()
    return None if row is None else book_of(_menu.decode(row[0]))
