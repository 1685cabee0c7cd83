"""Single fields of a menu file: values as a spreadsheet or JSON gives them, read or complained about.

Rule of the file: each function takes a value as it came and gives what the menu holds, or raises `Complained`
in words that somebody who runs a restaurant understands.

Counterpart: `menu_file.py` finds the fields and collects the complaints.
"""

import re
from decimal import Decimal
from typing import Any

from protocol.facts.menu import COURSES, MOST_SLOTS, ComboChoice, ComboSlot
from protocol.facts.play_config import DAYS, Day
from protocol.money import BadAmount, from_major
from protocol.serving_hours import ServingHours, is_time

LONGEST_NAME = 80
LONGEST_DESCRIPTION = 500
MOST_STOCK = 1_000_000
MOST_ID = 2**31 - 1

_STATION_ID = re.compile(r"[a-z0-9_-]{1,40}\Z")
_HOURS = re.compile(r"(?P<days>[a-z ,-]*?)\s*(?P<begins>\d\d?:\d\d)\s*-\s*(?P<ends>\d\d?:\d\d)\Z")
_SLOT = re.compile(r"(?P<name>[^:;]+):(?P<choices>[^:;]+)\Z")
_CHOICE = re.compile(r"(?P<id>\d+)\s*(?P<price>[+-]\s*[\d.,]+)?\Z")


class Complained(Exception):
    """The value of one field cannot be meant."""


def many(value: Any) -> list[Any]:
    """A list, or nothing where there is none."""
    return value if isinstance(value, list) else []


def text(value: Any, longest: int) -> str:
    """Text that is there, with single spaces."""
    if not isinstance(value, str) or not value.strip():
        raise Complained("this must not be empty.")
    found = " ".join(value.split())
    if len(found) > longest or "\0" in found:
        raise Complained(f"'{found[:30]}…' is longer than {longest} characters.")
    return found


def description(value: Any) -> str:
    """Text that may be missing."""
    return "" if value is None or value == "" else text(value, LONGEST_DESCRIPTION)


def whole(value: Any, least: int, most: int) -> int:
    """A whole number within bounds."""
    found = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not found.isascii() or not found.isdecimal() or not least <= int(found[:20]) <= most:
        raise Complained(f"'{'' if value is None else value}' is not a whole number from {least} to {most}.")
    return int(found)


def price(value: Any, currency: str) -> int:
    """A price in major units into minor ones."""
    found = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"\d{1,9}([.,]\d{1,4})?", found):
        raise Complained(f"'{'' if value is None else value}' is not a price like 12.50.")
    try:
        return from_major(Decimal(found.replace(",", ".")), currency)
    except BadAmount as error:
        raise Complained(f"{found} has more digits after the point than {currency} has.") from error


def price_if_any(value: Any, currency: str) -> int | None:
    """A price, None where nothing is said."""
    return None if value is None or value == "" else price(value, currency)


def difference(value: Any, currency: str) -> int:
    """A price with a sign: what something is dearer or cheaper by."""
    found = str(value).replace(" ", "")
    size = price(found.lstrip("+-") if isinstance(value, str) else value, currency)
    return -size if found.startswith("-") else size


def stock(value: Any) -> int | None:
    """A count, None where nobody counts."""
    return None if value is None or value == "" else whole(value, 0, MOST_STOCK)


def station(value: Any) -> str:
    """The id of a kitchen station."""
    found = "kitchen" if value is None or value == "" else value
    if not isinstance(found, str) or not _STATION_ID.match(found):
        raise Complained(f"'{value}' is not a station's id, such as kitchen or bar.")
    return found


def names(value: Any) -> tuple[str, ...]:
    """Names, each once."""
    if value is not None and not isinstance(value, list):
        raise Complained("this is a list of names.")
    return tuple(dict.fromkeys(text(name, LONGEST_NAME) for name in many(value)))


def tax_rate(value: Any) -> int | None:
    """Per cent into basis points; None where nothing is said."""
    if value is None or value == "":
        return None
    found = str(value).strip().removesuffix("%").strip().replace(",", ".")
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,2}(\.\d{1,2})?", found):
        raise Complained(f"'{value}' is not a tax rate in per cent, such as 19 or 7.5.")
    return int(Decimal(found) * 100)


def hours(value: Any) -> tuple[ServingHours, ...]:
    """`mon-fri 11:30-14:30; sat, sun 10:00-15:00`; nothing said is always."""
    if value is None or value == "":
        return ()
    windows = [window.strip().lower() for window in str(value).split(";")]
    return tuple(_window(window) for window in windows if window)


def _window(words: str) -> ServingHours:
    match = _HOURS.match(words)
    if match is None:
        raise Complained(f"'{words}' is not like 'mon-fri 11:30-14:30'.")
    begins, ends = match["begins"].zfill(5), match["ends"].zfill(5)
    if not is_time(begins) or not is_time(ends):
        raise Complained(f"'{begins}-{ends}' are no times of a day.")
    return ServingHours(begins, ends, _days(match["days"]))


def _days(words: str) -> tuple[Day, ...]:
    days: list[Day] = []
    for word in words.replace(",", " ").split():
        first, dash, last = (part.strip()[:3] for part in word.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise Complained(f"'{word}' is no day; write mon, tue, wed, thu, fri, sat, sun, or mon-fri.")
        begins, ends = DAYS.index(first), DAYS.index(last if dash else first)
        days += [DAYS[(begins + step) % 7] for step in range((ends - begins) % 7 + 1)]
    return tuple(dict.fromkeys(days))


def course(value: Any) -> str:
    """`starter`, `main` or `dessert`; nothing said is none."""
    found = "" if value is None else str(value).strip().lower()
    if found not in ("", *COURSES):
        raise Complained(f"'{value}' is no course; write {', '.join(COURSES)}, or nothing.")
    return found


def combo(value: Any, currency: str) -> tuple[ComboSlot, ...]:
    """`Main: 17 / 18 +1.50; Drink: 40 / 41 -0.50`, or JSON's list of slots; nothing said is no combo."""
    if value is None or value == "":
        return ()
    found = value if isinstance(value, list) else [each for each in str(value).split(";") if each.strip()]
    if len(found) > MOST_SLOTS:
        raise Complained(f"a combo has at most {MOST_SLOTS} parts.")
    return tuple(_slot(place, slot, currency) for place, slot in enumerate(found, 1))


def _slot(place: int, slot: Any, currency: str) -> ComboSlot:
    if isinstance(slot, dict):
        choices = [_choice(each, currency) for each in many(slot.get("choices"))]
        return _checked(ComboSlot(place, text(slot.get("name"), LONGEST_NAME), tuple(choices)))
    match = _SLOT.match(str(slot).strip())
    if match is None:
        raise Complained(f"'{str(slot).strip()}' is not like 'Main: 17 / 18 +1.50'.")
    written = (_CHOICE.match(each.strip()) for each in match["choices"].split("/"))
    found = [{"id": each["id"], "price": each["price"] or "0"} if each else None for each in written]
    choices = [_choice(each, currency) for each in found]
    return _checked(ComboSlot(place, text(match["name"], LONGEST_NAME), tuple(choices)))


def _choice(choice: Any, currency: str) -> ComboChoice:
    if not isinstance(choice, dict):
        raise Complained("a choice is the id of an item, and what it is dearer by, as in '18 +1.50'.")
    return ComboChoice(whole(choice.get("id"), 1, MOST_ID), difference(choice.get("price", "0"), currency))


def _checked(slot: ComboSlot) -> ComboSlot:
    if not slot.choices or len({each.menu_item for each in slot.choices}) < len(slot.choices):
        raise Complained(f"'{slot.name}' offers nothing, or the same twice.")
    return slot
