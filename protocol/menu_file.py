"""A menu as a restaurateur keeps it, in a spreadsheet (CSV) or a JSON file, made into a `Menu`.

Rule of the file: every complaint is found in one reading and names the row and column in words that
somebody who runs a restaurant understands; a file with any complaint gives no menu at all.

CSV: one row an item, columns in any order, `id category name price` needed, `description station allergens
modifiers stock tax_rate takeaway_tax_rate takeaway_price hours combo course` as wanted. Commas, semicolons
and tabs all separate columns, as spreadsheets of different countries write them, and `12,50` is as good as
`12.50`. `allergens` are separated by `/`. `modifiers` describes each question once, and later rows just name
it; what fills a `combo` is named by id; `hours` are local:

    Doneness (choose 1): Rare / Medium / Well done; Extras (up to 2): Bacon +1.50 / Cheese +1.20
    Main: 17 / 18 +1.50; Drink: 40 / 41 -0.50
    mon-fri 11:30-14:30; sat, sun 10:00-15:00

JSON: `{"currency", "items": [{the same fields}], "modifiers": [{"name", "least", "most", "options":
[{"name", "price"}]}]}`, where an item's `modifiers` and `allergens` are lists of names, `hours` is text as in
CSV, and `combo` is `[{"name", "choices": [{"id", "price"}]}]`.

Counterpart: `protocol.facts.menu` says what the result means. Who publishes it sets `menu_version`.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from protocol import menu_fields
from protocol.facts.menu import Menu, MenuItem, ModifierGroup, Option, flaw
from protocol.menu_fields import LONGEST_NAME, MOST_ID, Complained

#: More than any menu has; a file beyond it is a mistake.
MOST_ITEMS = 2000
MOST_BYTES = 2 * 1024 * 1024

NEEDED = ("id", "category", "name", "price")
COLUMNS = (
    *(*NEEDED, "description", "station", "allergens", "modifiers", "stock"),
    *("tax_rate", "takeaway_tax_rate", "takeaway_price", "hours", "combo", "course"),
)

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
        except Complained as complaint:
            self.complain(row, column, str(complaint))
            return instead

    def item(self, row: int, fields: dict[str, Any]) -> None:
        """Take one item; `fields` holds text, numbers, and lists for allergens and modifiers."""

        def read(column: str, instead: Any, reader: Callable[..., Any], *bounds: Any) -> Any:
            return self.field(row, column, instead, reader, fields.get(column), *bounds)

        item_id = read("id", 0, menu_fields.whole, 1, MOST_ID)
        if item_id in self._rows and item_id:
            self.complain(
                row, "id", f"{item_id} is taken by row {self._rows[item_id]}; every item needs its own."
            )
        self._rows.setdefault(item_id, row)
        self.items.append(
            MenuItem(
                id=item_id,
                name=read("name", "", menu_fields.text, LONGEST_NAME),
                category=read("category", "", menu_fields.text, LONGEST_NAME),
                price_minor=read("price", 0, menu_fields.price, self.currency),
                description=read("description", "", menu_fields.description),
                station=read("station", "kitchen", menu_fields.station),
                allergens=read("allergens", (), menu_fields.names),
                modifier_groups=read("modifiers", (), self._group_ids),
                stock=read("stock", None, menu_fields.stock),
                tax_rate_bp=read("tax_rate", None, menu_fields.tax_rate) or 0,
                takeaway_tax_rate_bp=read("takeaway_tax_rate", None, menu_fields.tax_rate),
                takeaway_price_minor=read("takeaway_price", None, menu_fields.price_if_any, self.currency),
                hours=read("hours", (), menu_fields.hours),
                course=read("course", "", menu_fields.course),
                slots=read("combo", (), menu_fields.combo, self.currency),
            )
        )

    def group(self, group: _Group) -> None:
        """Take the description of a modifier group; the same words twice are the same group."""
        known = self.groups.setdefault(group.name, group)
        if known != group:
            raise Complained(
                f"'{group.name}' was described differently before; describe it once and then name it."
            )

    def _group_ids(self, names: Any) -> tuple[int, ...]:
        order = list(self.groups)
        unknown = [name for name in menu_fields.names(names) if name not in self.groups]
        if unknown:
            raise Complained(f"'{unknown[0]}' is named but described nowhere above.")
        return tuple(order.index(name) + 1 for name in menu_fields.names(names))

    def menu(self) -> Menu | list[Complaint]:
        """The result."""
        if not self.items and not self.complaints:
            self.complain(0, "", "there is not one item in it.")
        if len(self.items) > MOST_ITEMS:
            self.complain(
                0, "", f"{len(self.items)} items are more than the {MOST_ITEMS} that a menu can hold."
            )
        self._check_combos()
        if self.complaints:
            return sorted(self.complaints, key=lambda complaint: complaint.row)
        menu = Menu(
            menu_version=0,
            currency=self.currency,
            categories=tuple(dict.fromkeys(item.category for item in self.items)),
            items=tuple(self.items),
            modifier_groups=tuple(_numbered(self.groups.values())),
        )
        found = flaw(menu)
        return menu if found is None else [Complaint(0, "", found)]

    def _check_combos(self) -> None:
        """What a combo names may stand anywhere in the file, so this is asked at the end."""
        single = {item.id for item in self.items if not item.slots}
        for item in self.items:
            row = self._rows[item.id]
            named = [choice.menu_item for slot in item.slots for choice in slot.choices]
            for missing in sorted({each for each in named if each not in single}):
                self.complain(row, "combo", f"{missing} is no item of this menu, or a combo itself.")
            if item.slots and item.modifier_groups:
                self.complain(row, "modifiers", "a combo has none; those of its dishes are asked for.")
            if item.slots and (item.tax_rate_bp or item.takeaway_tax_rate_bp is not None):
                self.complain(row, "tax_rate", "a combo has none; each of its dishes is taxed at its own.")


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
        raise Complained(f"'{text.strip()}' is not like 'Size (choose 1): Small / Large +2.00'.")
    name = menu_fields.text(match["name"], LONGEST_NAME)
    if match["options"] is not None:
        options = [_option(option.strip(), reading.currency) for option in match["options"].split("/")]
        reading.group(_checked_group(_Group(name, *_rule(match["rule"]), options)))
    elif name not in reading.groups:
        raise Complained(
            f"'{name}' is named before it is described, as in '{name} (choose 1): This / That +1.00'."
        )
    return name


def _rule(text: str | None) -> tuple[int, int]:
    """At least and at most how many options are chosen; any one or none where nothing is said."""
    if text is None:
        return 0, 1
    match = _RULE.match(text.strip().lower())
    if match is None:
        raise Complained(f"'({text})' is not '(choose 1)', '(up to 3)' or '(1 to 3)'.")
    if match["exact"]:
        return int(match["exact"]), int(match["exact"])
    return int(match["from"] or 0), int(match["most"] or match["to"])


def _option(text: str, currency: str) -> tuple[str, int]:
    match = _OPTION.match(text)
    if match is None:
        raise Complained(f"'{text}' is not like 'Large +2.00'.")
    price = menu_fields.price(match["price"], currency) if match["price"] else 0
    return menu_fields.text(match["name"], LONGEST_NAME), price


def _checked_group(group: _Group) -> _Group:
    names = [name for name, _ in group.options]
    if len(set(names)) < len(names):
        raise Complained(f"'{group.name}' offers the same thing twice.")
    if not 0 <= group.least <= group.most or not 1 <= group.most <= len(names):
        raise Complained(f"'{group.name}' asks for {group.least} to {group.most} of {len(names)} options.")
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
    for place, group in enumerate(menu_fields.many(whole.get("modifiers")), 1):
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
        raise Complained("a modifier has a name and options.")
    name = menu_fields.text(group.get("name"), LONGEST_NAME)
    options = []
    for option in menu_fields.many(group.get("options")):
        if not isinstance(option, dict):
            raise Complained(f"the options of '{name}' have names and prices.")
        price = menu_fields.price(option["price"], reading.currency) if "price" in option else 0
        options.append((menu_fields.text(option.get("name"), LONGEST_NAME), price))
    least, most = (
        menu_fields.whole(group.get("least", 0), 0, 99),
        menu_fields.whole(group.get("most", 1), 1, 99),
    )
    reading.group(_checked_group(_Group(name, least, most, options)))
