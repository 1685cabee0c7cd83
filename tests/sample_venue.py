"""A small venue for tests: two tables, two kitchen stations, six dishes, three stations to play on.

Rule of the file: builders only. Numbers are chosen so that a wrong sum shows.
"""

import hashlib
from typing import Any

import msgspec

from edge.core.afar.commands import TakeCommand
from edge.core.clock import Now
from edge.core.commands import AddItem, AdoptMenu, ConfigureVenue, JoinTable, PlaceOrder, ValidatePass
from edge.core.play import commands as play_commands
from protocol import instruction
from protocol.design.parameters import Parameters, PlacedText
from protocol.facts.menu import Menu, MenuItem, ModifierGroup, Option
from protocol.facts.play_config import HappyHour, Package, PlayConfig, PlayStation, Tariff
from protocol.facts.shop_config import ShopConfig, ShopProduct
from protocol.facts.venue import (
    KitchenStation,
    LocationConfig,
    PosConfig,
    StaffAccount,
    TableConfig,
    VenueConfig,
)
from protocol.identity import pass_word_digest

RESTAURANT = 7
WORD = "coffee"
BURGER, CHIPS, CAKE, STEAK, SOUP, WINE = 17, 18, 19, 20, 21, 22
RARE, DONE, BACON, EGG, ONIONS = 1, 2, 3, 4, 5
T1, T2 = "TABLE1", "TABLE2"
PC1, PC2, PS5 = "pc-1", "pc-2", "ps5-1"

#: A mug is 14.90 with 19 % in it; what somebody puts on one.
SHOP = ShopConfig((ShopProduct("mug", "mug", "Mug", 1490, 1900, 380),))
LOOKS = Parameters(text=PlacedText("Anchor’s away", "hand"))


def menu(version: int = 1, *, without: tuple[int, ...] = (), burger_minor: int = 950) -> Menu:
    """Burger (extras 0-2) 9.50, chips 3.25, cake 4.10 (three left), steak (cooking 1 of 2), soup, wine."""
    items = (
        MenuItem(BURGER, "Burger", "Mains", burger_minor, station="grill", modifier_groups=(12,)),
        MenuItem(CHIPS, "Chips", "Sides", 325, station="grill"),
        MenuItem(CAKE, "Cake", "Sweets", 410, station="bar", stock=3),
        MenuItem(STEAK, "Steak", "Mains", 2190, station="grill", modifier_groups=(11, 12)),
        MenuItem(SOUP, "Soup", "Mains", 580, station="grill", tax_rate_bp=700),
        MenuItem(WINE, "Wine", "Drinks", 640, station="bar", stock=40),
    )
    groups = (
        ModifierGroup(11, "How done", (Option(RARE, "rare"), Option(DONE, "well done")), 1, 1),
        ModifierGroup(
            12,
            "Extras",
            (Option(BACON, "bacon", 120), Option(EGG, "egg", 90), Option(ONIONS, "onions")),
            0,
            2,
        ),
    )
    kept = tuple(item for item in items if item.id not in without)
    return Menu(version, "EUR", ("Mains", "Sides", "Sweets", "Drinks"), kept, groups)


def coursed_menu(version: int = 1) -> Menu:
    """The sample menu with soup as a starter, burger and steak as mains, cake as dessert."""
    courses = {SOUP: "starter", BURGER: "main", STEAK: "main", CAKE: "dessert"}
    plain = menu(version)
    items = (msgspec.structs.replace(item, course=courses.get(item.id, "")) for item in plain.items)
    return msgspec.structs.replace(plain, items=tuple(items))


BUILTIN = PosConfig()
TILL = PosConfig("webhook", "http://till.example/holdfast")
ANYWHERE = LocationConfig()


def config(
    name: str = "The Harbour", pos: PosConfig = BUILTIN, location: LocationConfig = ANYWHERE
) -> VenueConfig:
    """Tables T1 and T2, stations grill and bar, a waiter and a manager without a real PIN."""
    return VenueConfig(
        venue_id="venue-1",
        restaurant_id=RESTAURANT,
        name=name,
        currency="EUR",
        pass_word_hash=pass_word_digest(RESTAURANT, WORD),
        tables=(TableConfig(T1, "T1"), TableConfig(T2, "T2")),
        stations=(KitchenStation("grill", "Grill"), KitchenStation("bar", "Bar")),
        staff=(
            StaffAccount("ann", "Ann", "waiter", "$argon2id$none"),
            StaffAccount("mia", "Mia", "manager", "$argon2id$none"),
        ),
        pos=pos,
        location=location,
        play=play_config(),
        shop=SHOP,
    )


def play_config() -> PlayConfig:
    """Two PCs at 6.00 an hour in the hall, a console at an agreed price; grace 30 s."""
    tariff = Tariff(
        "hall",
        600,
        zones=("hall",),
        minimum_minor=150,
        step_minutes=5,
        packages=(Package("three hours", 180, 1500),),
        happy_hours=(HappyHour("14:00", "17:00", 300, ("mon", "tue")),),
    )
    stations = (
        PlayStation(PC1, "PC-1", "pc", "hall"),
        PlayStation(PC2, "PC-2", "pc", "hall"),
        PlayStation(PS5, "PS5-1", "console"),
    )
    return PlayConfig(stations, (tariff,))


def now(second: int = 0, boot: str = "boot-1") -> Now:
    """An instant `second` seconds after the box started."""
    return Now(boot, 1_000_000_000 * second, 1_700_000_000_000 + 1000 * second, True)


def opening(pos: PosConfig = BUILTIN) -> list[ConfigureVenue | AdoptMenu]:
    """What makes an empty box a venue."""
    return [ConfigureVenue(config(pos=pos)), AdoptMenu(menu())]


def join(member: str, session: str = "s1", table: str = T1, mid: str | None = None) -> JoinTable:
    """`member` scans the code of `table`; `session` is its pid if it has to be opened."""
    digest = hashlib.sha256(f"token of {member}".encode()).hexdigest()
    return JoinTable(table, member.title(), session, member, digest, mid)


def say_word(member: str = "chinu", session: str = "s1", word: str = WORD) -> ValidatePass:
    """`member` types the pass word."""
    return ValidatePass(session, member, pass_word_digest(RESTAURANT, word))


def add(member: str = "chinu", dish: int = BURGER, qty: int = 1, mid: str | None = None) -> AddItem:
    """`member` puts a dish into the cart of session s1."""
    return AddItem("s1", member, dish, qty, mid=mid)


def start(
    station: str = PS5, minutes: int = 60, session: str = "play-1", **given: Any
) -> play_commands.StartPlay:
    """Somebody plays on a station for ten euros in cash, unless something else is said."""
    asked = {"method": "CASH", "amount_minor": 1000, "entitlement_id": f"{session}:first", "by": "staff:ann"}
    return play_commands.StartPlay(
        session_id=session, station_id=station, seconds=minutes * 60, **{**asked, **given}
    )


def extend(minutes: int = 30, session: str = "play-1", **given: Any) -> play_commands.ExtendPlay:
    """Half an hour more for five euros."""
    asked = {"amount_minor": 500, "entitlement_id": f"{session}:more", "by": "staff:ann"}
    return play_commands.ExtendPlay(session_id=session, seconds=minutes * 60, **{**asked, **given})


def told(ask: instruction.Ask, command_id: str = "c1", **given: Any) -> TakeCommand:
    """The owner asks, and the box has it at once with a minute to go, unless something else is said."""
    how = {"seq": int(command_id.strip("c") or 1), "by": "owner:o@example.com", "left_ms": 60_000}
    here = {"waited_ms": 0, "boot": "boot-1", "arrived_ns": 0}
    kind = instruction.kind_of(ask)
    return TakeCommand(command_id=command_id, kind=kind, ask=ask, **{**how, **here, **given})


def place(member: str = "chinu", cart_hash: str | None = None, mid: str | None = None) -> PlaceOrder:
    """`member` orders what is in the cart of session s1."""
    return PlaceOrder("s1", member, cart_hash, mid=mid)
