"""A menu as a restaurateur keeps it, in a spreadsheet (CSV) or a JSON file, made into a `Menu`.

Rule of the file: every complaint is found in one reading and names the row and column in words that
somebody who runs a restaurant understands; a file with any complaint gives no menu at all.

CSV: one row an item, columns in any order, `id category name price` needed, `description station allergens
modifiers stock tax_rate takeaway_tax_rate` as wanted. Commas, semicolons and tabs all separate columns, as
spreadsheets of different countries write them, and `12,50` is as good as `12.50`. `allergens` are separated
by `/`. `modifiers` describes each question once, and later rows just name it:

    Doneness (choose 1): Rare / Medium / Well done; Extras (up to 2): Bacon +1.50 / Cheese +1.20

JSON: `{"currency", "items": [{the same fields}], "modifiers": [{"name", "least", "most", "options":
[{"name", "price"}]}]}`, where an item's `modifiers` and `allergens` are lists of names.

Counterpart: `protocol.facts.menu` says what the result means. Who publishes it sets `menu_version`.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from protocol.facts.menu import Menu, MenuItem, ModifierGroup, Option
from protocol.money import BadAmount, from_major

#: More than any menu has; a file beyond it is a mistake.
MOST_ITEMS = 2000
MOST_BYTES = 2 * 1024 * 1024
_LONGEST_NAME = 80
_LONGEST_DESCRIPTION = 500
_MOST_STOCK = 1_000_000
_MOST_ID = 2**31 - 1

NEEDED = ("id", "category", "name", "price")
COLUMNS = (
    *(*NEEDED, "description", "station", "allergens", "modifiers", "stock"),
    *("tax_rate", "takeaway_tax_rate"),
)

_STATION = re.compile(r"[a-z0-9_-]{1,40}\Z")
_GROUP = re.compile(r"(?P<name>[^():]+?)\s*(?:\((?P<rule>[^)]*)\))?\s*(?::(?P<options>.*))?\Z", re.DOTALL)
_RULE = re.compile(r"(?:choose (?P<exact>\d+)|up to (?P<most>\d+)|(?P<from>\d+) to (?P<to>\d+))\Z")
_OPTION = re.compile(r"(?P<name>.*?)\s*(?:\+\s*(?P<price>[\d.,]+))?\Z", re.DOTALL)


class Complaint(msgspec.Struct, frozen=True):
    """What is wrong and where. `row`: line of a CSV, item of a JSON file, from 1; 0 is the file."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"Row {self.row}" if self.row else "The file"
        return f"{place}, {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class _Group(msgspec.Struct):
    """A modifier group under construction."""

    name: str
    least: int
    most: int
    options: list[tuple[str, int]]


class _Complained(Exception):
    """The value of one field cannot be meant."""


class _Reading:
    """One reading of one file: what it has found and what is wrong with it."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.complaints: list[Complaint] = []
        self.items: list[MenuItem] = []
        self.groups: dict[str, _Group] = {}
        self._rows: dict[int, int] = {}

    def complain(self, row: int, column: str, message: str) -> None:
        self.complaints.append(Complaint(row, column, message))

    def field(self, row: int, column: str, instead: Any, reader: Callable[..., Any], *values: Any) -> Any:
        """What `reader` makes of a field's values, or `instead` and a complaint."""
        try:
            return reader(*values)
        except _Complained as complaint:
            self.complain(row, column, str(complaint))
            return instead

    def item(self, row: int, fields: dict[str, Any]) -> None:
        """Take one item; `fields` holds text, numbers, and lists for allergens and modifiers."""

        def read(column: str, instead: Any, reader: Callable[..., Any], *bounds: Any) -> Any:
            return self.field(row, column, instead, reader, fields.get(column), *bounds)

        item_id = read("id", 0, _whole, 1, _MOST_ID)
        if item_id in self._rows and item_id:
            self.complain(
                row, "id", f"{item_id} is taken by row {self._rows[item_id]}; every item needs its own."
            )
        self._rows.setdefault(item_id, row)
        self.items.append(
            MenuItem(
                id=item_id,
                name=read("name", "", _text, _LONGEST_NAME),
                category=read("category", "", _text, _LONGEST_NAME),
                price_minor=read("price", 0, _price, self.currency),
                description=read("description", "", _description),
                station=read("station", "kitchen", _station),
                allergens=read("allergens", (), _names),
                modifier_groups=read("modifiers", (), self._group_ids),
                stock=read("stock", None, _stock),
                tax_rate_bp=read("tax_rate", None, _tax_rate) or 0,
                takeaway_tax_rate_bp=read("takeaway_tax_rate", None, _tax_rate),
            )
        )

    def group(self, group: _Group) -> None:
        """Take the description of a modifier group; the same words twice are the same group."""
        known = self.groups.setdefault(group.name, group)
        if known != group:
            raise _Complained(
                f"'{group.name}' was described differently before; describe it once and then name it."
            )

    def _group_ids(self, names: Any) -> tuple[int, ...]:
        order = list(self.groups)
        unknown = [name for name in _names(names) if name not in self.groups]
        if unknown:
            raise _Complained(f"'{unknown[0]}' is named but described nowhere above.")
        return tuple(order.index(name) + 1 for name in _names(names))

    def menu(self) -> Menu | list[Complaint]:
        """The result."""
        if not self.items and not self.complaints:
            self.complain(0, "", "there is not one item in it.")
        if len(self.items) > MOST_ITEMS:
            self.complain(
                0, "", f"{len(self.items)} items are more than the {MOST_ITEMS} that a menu can hold."
            )
        if self.complaints:
            return sorted(self.complaints, key=lambda complaint: complaint.row)
        return Menu(
            menu_version=0,
            currency=self.currency,
            categories=tuple(dict.fromkeys(item.category for item in self.items)),
            items=tuple(self.items),
            modifier_groups=tuple(_numbered(self.groups.values())),
        )


def parse(text: str, format: str, currency: str) -> Menu | list[Complaint]:
    """The menu of a file's text, or everything that is wrong with it. `format` is `csv` or `json`."""
    reading = _Reading(currency)
    if len(text) > MOST_BYTES:
        reading.complain(0, "", "it is larger than any menu; this must be another file.")
    elif format == "json":
        _read_json(reading, text)
    else:
        _read_csv(reading, text)
    return reading.menu()


def _numbered(groups: Any) -> Iterator[ModifierGroup]:
    """Groups with ids from 1 in the order of their description, options numbered through."""
    option_id = 0
    for group_id, group in enumerate(groups, 1):
        options = []
        for name, price_minor in group.options:
            option_id += 1
            options.append(Option(option_id, name, price_minor))
        yield ModifierGroup(group_id, group.name, tuple(options), group.least, group.most)


# ── The two formats ─────────────────────────────────────────────────────────────────────────────


def _read_csv(reading: _Reading, text: str) -> None:
    header, _, _ = text.lstrip("\ufeff").partition("\n")
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    try:
        columns = [name.strip().lower().replace(" ", "_") for name in next(rows, [])]
        if not _check_columns(reading, columns):
            return
        for cells in rows:
            if any(cell.strip() for cell in cells):
                _csv_row(reading, rows.line_num, columns, cells)
    except csv.Error as error:
        reading.complain(rows.line_num, "", f"the quotes do not match up ({error}).")


def _check_columns(reading: _Reading, columns: list[str]) -> bool:
    for name in sorted(set(NEEDED) - set(columns)):
        reading.complain(1, name, "this column is missing; the first row names the columns.")
    for name in sorted(set(columns) - set(COLUMNS) - {""}):
        reading.complain(1, name, f"there is no such column; known are {', '.join(COLUMNS)}.")
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        reading.complain(1, name, "this column is there twice.")
    return not reading.complaints


def _csv_row(reading: _Reading, row: int, columns: list[str], cells: list[str]) -> None:
    if any(cell.strip() for cell in cells[len(columns) :]):
        reading.complain(row, "", "there are more cells than columns; put text with commas between quotes.")
        return
    fields: dict[str, Any] = {name: cell.strip() or None for name, cell in zip(columns, cells, strict=False)}
    fields["allergens"] = [
        name.strip() for name in (fields.get("allergens") or "").split("/") if name.strip()
    ]
    questions = [text for text in (fields.get("modifiers") or "").split(";") if text.strip()]
    fields["modifiers"] = [
        reading.field(row, "modifiers", "", _question, reading, text) for text in questions
    ]
    if "" in fields["modifiers"]:
        fields["modifiers"] = []
    reading.item(row, fields)


def _question(reading: _Reading, text: str) -> str:
    """The name of the group that a cell describes or just names."""
    match = _GROUP.match(text.strip())
    if match is None:
        raise _Complained(f"'{text.strip()}' is not like 'Size (choose 1): Small / Large +2.00'.")
    name = _text(match["name"], _LONGEST_NAME)
    if match["options"] is not None:
        options = [_option(option.strip(), reading.currency) for option in match["options"].split("/")]
        reading.group(_checked_group(_Group(name, *_rule(match["rule"]), options)))
    elif name not in reading.groups:
        raise _Complained(
            f"'{name}' is named before it is described, as in '{name} (choose 1): This / That +1.00'."
        )
    return name


def _rule(text: str | None) -> tuple[int, int]:
    """At least and at most how many options are chosen; any one or none where nothing is said."""
    if text is None:
        return 0, 1
    match = _RULE.match(text.strip().lower())
    if match is None:
        raise _Complained(f"'({text})' is not '(choose 1)', '(up to 3)' or '(1 to 3)'.")
    if match["exact"]:
        return int(match["exact"]), int(match["exact"])
    return int(match["from"] or 0), int(match["most"] or match["to"])


def _option(text: str, currency: str) -> tuple[str, int]:
    match = _OPTION.match(text)
    if match is None:
        raise _Complained(f"'{text}' is not like 'Large +2.00'.")
    price = _price(match["price"], currency) if match["price"] else 0
    return _text(match["name"], _LONGEST_NAME), price


def _checked_group(group: _Group) -> _Group:
    names = [name for name, _ in group.options]
    if len(set(names)) < len(names):
        raise _Complained(f"'{group.name}' offers the same thing twice.")
    if not 0 <= group.least <= group.most or not 1 <= group.most <= len(names):
        raise _Complained(f"'{group.name}' asks for {group.least} to {group.most} of {len(names)} options.")
    return group


def _read_json(reading: _Reading, text: str) -> None:
    try:
        whole = msgspec.json.decode(text.lstrip("\ufeff"))
    except (msgspec.DecodeError, RecursionError) as error:
        reading.complain(0, "", f"it is not JSON: {error}.")
        return
    if not isinstance(whole, dict) or not isinstance(whole.get("items"), list):
        reading.complain(0, "items", "a list of items is needed.")
        return
    for name in sorted(set(whole) - {"currency", "items", "modifiers"}):
        reading.complain(0, name, "there is no such field; known are currency, items and modifiers.")
    if whole.get("currency", reading.currency) != reading.currency:
        reading.complain(0, "currency", f"the venue sells in {reading.currency}.")
    for place, group in enumerate(_list(whole.get("modifiers")), 1):
        reading.field(place, "modifiers", None, _json_group, reading, group)
    for row, fields in enumerate(whole["items"], 1):
        _json_item(reading, row, fields)


def _json_item(reading: _Reading, row: int, fields: Any) -> None:
    if not isinstance(fields, dict):
        reading.complain(row, "", "an item is a set of named fields.")
        return
    for name in sorted(set(fields) - set(COLUMNS)):
        reading.complain(row, name, f"there is no such field; known are {', '.join(COLUMNS)}.")
    reading.item(row, fields)


def _json_group(reading: _Reading, group: Any) -> None:
    if not isinstance(group, dict):
        raise _Complained("a modifier has a name and options.")
    name = _text(group.get("name"), _LONGEST_NAME)
    options = []
    for option in _list(group.get("options")):
        if not isinstance(option, dict):
            raise _Complained(f"the options of '{name}' have names and prices.")
        price = _price(option["price"], reading.currency) if "price" in option else 0
        options.append((_text(option.get("name"), _LONGEST_NAME), price))
    least, most = _whole(group.get("least", 0), 0, 99), _whole(group.get("most", 1), 1, 99)
    reading.group(_checked_group(_Group(name, least, most, options)))


# ── Single fields: a value of whatever type, or `_Complained` ───────────────────────────────────


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Complained("this must not be empty.")
    text = " ".join(value.split())
    if len(text) > longest or "\0" in text:
        raise _Complained(f"'{text[:30]}…' is longer than {longest} characters.")
    return text


def _description(value: Any) -> str:
    return "" if value is None or value == "" else _text(value, _LONGEST_DESCRIPTION)


def _whole(value: Any, least: int, most: int) -> int:
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdecimal() or not least <= int(text[:20]) <= most:
        raise _Complained(f"'{'' if value is None else value}' is not a whole number from {least} to {most}.")
    return int(text)


def _price(value: Any, currency: str) -> int:
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"\d{1,9}([.,]\d{1,4})?", text):
        raise _Complained(f"'{'' if value is None else value}' is not a price like 12.50.")
    try:
        return from_major(Decimal(text.replace(",", ".")), currency)
    except BadAmount as error:
        raise _Complained(f"{text} has more digits after the point than {currency} has.") from error


def _stock(value: Any) -> int | None:
    return None if value is None or value == "" else _whole(value, 0, _MOST_STOCK)


def _station(value: Any) -> str:
    text = "kitchen" if value is None or value == "" else value
    if not isinstance(text, str) or not _STATION.match(text):
        raise _Complained(f"'{value}' is not a station's id, such as kitchen or bar.")
    return text


def _names(value: Any) -> tuple[str, ...]:
    if value is not None and not isinstance(value, list):
        raise _Complained("this is a list of names.")
    return tuple(dict.fromkeys(_text(name, _LONGEST_NAME) for name in _list(value)))


def _tax_rate(value: Any) -> int | None:
    """Per cent into basis points; None where nothing is said."""
    if value is None or value == "":
        return None
    text = str(value).strip().removesuffix("%").strip().replace(",", ".")
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,2}(\.\d{1,2})?", text):
        raise _Complained(f"'{value}' is not a tax rate in per cent, such as 19 or 7.5.")
    return int(Decimal(text) * 100)
