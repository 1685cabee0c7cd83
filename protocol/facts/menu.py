"""The menu: what is sold, at what price, by which kitchen station.

A menu version is immutable. The cloud publishes versions and the box adopts them; a cart line keeps the
version it was added under, so a price change never touches what is already in somebody's cart. The whole
menu travels in the fact, so that a journal alone is enough to rebuild a box or to check a price.

Counterpart: `menu_file.py` makes one from a CSV or JSON file.
"""

import msgspec

from protocol.facts.fact import Fact, Row, shape
from protocol.money import MOST_MINOR
from protocol.pictures import is_name
from protocol.serving_hours import ServingHours, is_time

#: Courses in the order in which they are served. A dish without one comes with whatever comes first.
COURSES = ("starter", "main", "dessert")
#: Slots of one combo, so that the parts of an ordered one can be numbered.
MOST_SLOTS = 20
_MOST_PX = 10_000


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One choice within a modifier group; `price_minor` is added to the item's price."""

    id: int
    name: str
    price_minor: int = 0


class ModifierGroup(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question asked about an item; between `least` and `most` options are chosen."""

    id: int
    name: str
    options: tuple[Option, ...]
    least: int = 0
    most: int = 1


class ComboChoice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A dish that may fill a slot; `price_minor` is added to the combo's price for it."""

    menu_item: int
    price_minor: int = 0


class ComboSlot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place in a combo that exactly one of `choices` fills."""

    id: int
    name: str
    choices: tuple[ComboChoice, ...]


class DishPicture(msgspec.Struct, frozen=True):
    """A dish's picture in two sizes, each under the SHA-256 of its JPEG; and how large the large one is.

    The small one is square (`protocol/drawing/taking.py`).
    """

    small: str
    large: str
    width_px: int
    height_px: int


class MenuItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that can be ordered. `stock` is the count it starts with, None where nobody counts.

    `takeaway_price_minor` and `takeaway_tax_rate_bp` count instead of the others for what is taken away; None
    where they are the same. It is served during `hours`, or always where there are none. With `slots` it is a
    combo: dishes chosen together at one price, each made at its own station, counted and taxed for itself.
    `course` is one of `COURSES`, or empty.
    """

    id: int
    name: str
    category: str
    price_minor: int
    description: str = ""
    station: str = "kitchen"
    allergens: tuple[str, ...] = ()
    modifier_groups: tuple[int, ...] = ()
    stock: int | None = None
    tax_rate_bp: int = 0
    takeaway_tax_rate_bp: int | None = None
    takeaway_price_minor: int | None = None
    hours: tuple[ServingHours, ...] = ()
    slots: tuple[ComboSlot, ...] = ()
    course: str = ""
    picture: DishPicture | None = None

    def price_for(self, *, takeaway: bool) -> int:
        """Minor units for one piece without options."""
        taken = self.takeaway_price_minor if takeaway else None
        return self.price_minor if taken is None else taken


class Menu(msgspec.Struct, frozen=True, omit_defaults=True):
    """One immutable version. Categories are in the order in which a guest sees them."""

    menu_version: int
    currency: str
    categories: tuple[str, ...]
    items: tuple[MenuItem, ...]
    modifier_groups: tuple[ModifierGroup, ...] = ()


def flaw(menu: Menu) -> str | None:
    """Why a menu cannot be sold from, in a sentence; None for one that can."""
    groups = {group.id: group for group in menu.modifier_groups}
    if len(groups) < len(menu.modifier_groups) or len({item.id for item in menu.items}) < len(menu.items):
        return "Two items or two modifier groups have the same id."
    items = {item.id: item for item in menu.items}
    found = (
        *map(_group_flaw, menu.modifier_groups),
        *(_item_flaw(item, groups) for item in menu.items),
        *(_combo_flaw(item, items) for item in menu.items),
    )
    return next((sentence for sentence in found if sentence is not None), None)


def _group_flaw(group: ModifierGroup) -> str | None:
    if not 0 <= group.least <= min(group.most, len(group.options)):
        return f"Nobody can choose {group.least} to {group.most} of “{group.name}”."
    if any(abs(option.price_minor) > MOST_MINOR for option in group.options):
        return f"A price within “{group.name}” is no price."
    return None


def _item_flaw(item: MenuItem, groups: dict[int, ModifierGroup]) -> str | None:
    missing = [group_id for group_id in item.modifier_groups if group_id not in groups]
    if missing:
        return f"{item.name} asks for modifier group {missing[0]}, which is not there."
    if not all(0 <= item.price_for(takeaway=away) <= MOST_MINOR for away in (False, True)):
        return f"The price of {item.name} is no price."
    if not all(is_time(each.begins) and is_time(each.ends) for each in item.hours):
        return f"The hours of {item.name} are not like 11:30 to 14:30."
    if item.picture is not None and not is_picture(item.picture):
        return f"The picture of {item.name} has a name that no picture has."
    if item.course not in ("", *COURSES):
        return f"The course of {item.name} is none of {', '.join(COURSES)}."
    return None


def is_picture(picture: DishPicture) -> bool:
    """Whether a picture can be called that and be that large."""
    sized = 0 < picture.width_px <= _MOST_PX and 0 < picture.height_px <= _MOST_PX
    return sized and is_name(picture.small) and is_name(picture.large)


def _combo_flaw(item: MenuItem, items: dict[int, MenuItem]) -> str | None:
    slots = item.slots
    if len(slots) > MOST_SLOTS or len({slot.id for slot in slots}) < len(slots):
        return f"{item.name} has too many slots, or two with the same id."
    if slots and item.modifier_groups:
        return f"{item.name} is a combo; it is its dishes that come with modifiers."
    for slot in slots:
        parts = [items.get(choice.menu_item) for choice in slot.choices]
        if not parts or any(part is None or part.slots for part in parts):
            return f"“{slot.name}” of {item.name} has a choice that is no single dish of this menu."
        if max(abs(choice.price_minor) for choice in slot.choices) > MOST_MINOR:
            return f"A price within “{slot.name}” of {item.name} is no price."
    off_minor = sum(min(choice.price_minor for choice in slot.choices) for slot in slots)
    if min(item.price_for(takeaway=away) for away in (False, True)) + off_minor < 0:
        return f"Some choices make {item.name} cost less than nothing."
    return None


class MenuAdopted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """From here on new lines are priced by `menu`. `down_seq` is its place in the cloud's menu stream."""

    menu: Menu
    down_seq: int = 0


class MenuBook(msgspec.Struct, frozen=True):
    """The menu in force, with look-ups ready: items and options by id."""

    version: int
    menu: Menu
    down_seq: int
    items: dict[int, MenuItem]
    groups: dict[int, ModifierGroup]


def adopted(book: MenuBook | None, event: MenuAdopted, fact: Fact[MenuAdopted]) -> MenuBook:
    """The menu in force after `event`."""
    return book_of(event.menu, fact.version, event.down_seq or (book.down_seq if book else 0))


def book_of(menu: Menu, version: int = 0, down_seq: int = 0) -> MenuBook:
    """A menu with its look-ups."""
    return MenuBook(
        version=version,
        menu=menu,
        down_seq=down_seq,
        items={item.id: item for item in menu.items},
        groups={group.id: group for group in menu.modifier_groups},
    )


EVOLVE = {MenuAdopted: adopted}

SHAPES = (
    shape("menus", "menu_version", "menu_version:int body adopted_ms:int"),
    shape("menu_items", "menu_version id", "menu_version:int id:int name category price_minor:int station"),
)


def rows(book: MenuBook, fact: Fact[MenuAdopted]) -> list[Row]:
    """The version's row and one row an item, so that prices of any version can be checked in SQL."""
    menu = fact.event.menu
    body = msgspec.json.encode(menu).decode()
    return [("menus", (menu.menu_version, body, fact.wall_ms))] + [
        ("menu_items", (menu.menu_version, item.id, item.name, item.category, item.price_minor, item.station))
        for item in menu.items
    ]
