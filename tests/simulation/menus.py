"""What the owner publishes: configurations and menus from a seed, each a little different from the last.

Prices change with every version, dishes come and go, some are counted. Numbers are such that a price of one
version is hardly ever that of another.
"""

import random

import msgspec

from protocol.facts.booking_config import BookingRules
from protocol.facts.card_config import OfflineCards
from protocol.facts.menu import Menu, MenuItem, ModifierGroup, Option
from protocol.facts.play_config import PlayConfig, PlayStation, Tariff
from protocol.facts.venue import KitchenStation, PosConfig, StaffAccount, TableConfig, VenueConfig
from protocol.identity import pass_word_digest

RESTAURANT = 7
WORD_DIGEST = pass_word_digest(RESTAURANT, "coffee")
STATIONS = ("grill", "bar")
TABLES = tuple(f"TABLE{number}" for number in range(1, 9))
PLAYED_ON = ("pc-1", "pc-2")
#: Stations that are booked; a zone of their own, where time is dear enough for a deposit.
BOOKED = ("ps5-1", "ps5-2")
MANAGER = "mia"
#: Whom every venue of the organisation knows, and who has a wallet.
REGULAR = "user-1"
LOUNGE = "lounge"
#: One after the other: much or little or nothing is asked for; it goes back until the hour, or never.
_HOUSE_RULES = (
    BookingRules(0, free_cancel_hours=0, grace_minutes=0, hold_minutes=1),
    BookingRules(300, free_cancel_hours=0, grace_minutes=1, hold_minutes=1),
    BookingRules(1_000, free_cancel_hours=1, grace_minutes=0, hold_minutes=1),
    BookingRules(500, free_cancel_hours=0, grace_minutes=0, hold_minutes=60),
)
_DISHES = range(11, 25)
_COUNTED = (14, 19, 23)
_OPTIONS = ((31, "bacon"), (32, "egg"), (33, "onions"))


def menu(dice: random.Random, version: int) -> bytes:
    """The body of a menu's entry."""
    kept = [dish for dish in _DISHES if version == 1 or dice.random() < 0.9]
    items = tuple(
        MenuItem(
            dish,
            f"Dish {dish}",
            "All",
            dice.randrange(200, 3000),
            station=STATIONS[dish % 2],
            modifier_groups=(3,) if dish % 3 == 0 else (),
            stock=dice.randrange(3, 40) if dish in _COUNTED else None,
            tax_rate_bp=700 if dish % 4 else 1900,
        )
        for dish in kept
    )
    options = tuple(Option(number, name, dice.randrange(0, 200)) for number, name in _OPTIONS)
    made = Menu(version, "EUR", ("All",), items, (ModifierGroup(3, "Extras", options, 0, 2),))
    return msgspec.json.encode(made)


def config(dice: random.Random, version: int, venue_id: str, outside_till: float) -> bytes:
    """The body of a configuration's entry; in so many of them a till of somebody else's takes orders."""
    zones = dict.fromkeys(PLAYED_ON, "hall") | dict.fromkeys(BOOKED, LOUNGE)
    stations = tuple(PlayStation(name, name.upper(), "console", zone) for name, zone in zones.items())
    tariffs = Tariff("hall", dice.randrange(300, 900), zones=("hall",)), Tariff(LOUNGE, 40_000, (LOUNGE,))
    made = VenueConfig(
        venue_id=venue_id,
        restaurant_id=RESTAURANT,
        name=f"The Harbour {version}",
        currency="EUR",
        pass_word_hash=WORD_DIGEST,
        tables=tuple(TableConfig(code, code.title()) for code in TABLES),
        stations=tuple(KitchenStation(name, name.title()) for name in STATIONS),
        staff=(StaffAccount(MANAGER, "Mia", "manager", "$argon2id$none"),),
        pos=PosConfig("webhook", "http://till") if dice.random() < outside_till else PosConfig(),
        play=PlayConfig(stations, tariffs, bookings=_HOUSE_RULES[version % len(_HOUSE_RULES)]),
        wallet_credit_cap_minor=dice.choice((400, 3_000)),
        offline_cards=_offline_cards(dice),
    )
    return msgspec.json.encode(made)


def _offline_cards(dice: random.Random) -> OfflineCards:
    """Mostly allowed, within little; now and then for no time at all, so that each needs a manager."""
    return OfflineCards(
        allowed=dice.random() < 0.7,
        most_minor=dice.choice((1_500, 5_000, 20_000)),
        most_unsent_minor=dice.choice((4_000, 12_000, 60_000)),
        most_hours=dice.choice((0, 24, 24, 24, 24)),
    )
