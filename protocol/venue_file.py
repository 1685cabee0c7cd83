"""A venue as a person writes it down, and its making into a `VenueConfig`.

The JSON that `holdfast-cloud create-venue --config` takes, and `holdfast-edge found` for a box that serves
before any cloud knows it. PINs and the pass word are in clear in the file and nowhere after it; how a PIN is
hashed is the caller's business, because that is no pure thing.
"""

import re
from collections.abc import Callable
from ipaddress import ip_network

import msgspec

from protocol.design import variants
from protocol.design.templates import TEMPLATES
from protocol.design.variants import Option
from protocol.facts.booking_config import BookingRules
from protocol.facts.card_config import MOST_HOURS, OfflineCards
from protocol.facts.play_config import PlayConfig
from protocol.facts.shop_config import ShopConfig, ShopProduct
from protocol.facts.venue import (
    Fence,
    KitchenStation,
    LocationConfig,
    PosConfig,
    PrinterConfig,
    StaffAccount,
    TableConfig,
    VenueConfig,
)
from protocol.identity import pass_word_digest, readable_code
from protocol.money import MOST_MINOR
from protocol.serving_hours import ServingHours, are_times

ROLES = ("manager", "waiter", "cook")
PAPER_WIDTHS_MM = (58, 80)
TICKETS = ("every", "unacknowledged")
_CODE_LETTERS = 6


class BadVenueFile(ValueError):
    """The file is not a venue; the message says where and what is missing."""


class Staff(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person who works here, with the PIN to sign in on the box."""

    user: str
    name: str
    role: str
    pin: str


class VenueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file. Tables are named; their codes are made when the venue is.

    `pos` says who takes orders, `location` from where, and `play` what is played on and what it costs; they
    are as the box adopts them; so are `shop`, what guests may design, `offline_cards`, and `opening`, the
    hours in which guests are let in. With `takeaway` guests may take food away.
    """

    currency: str
    pass_word: str
    tables: tuple[str, ...]
    stations: tuple[KitchenStation, ...]
    staff: tuple[Staff, ...] = ()
    timezone: str = "UTC"
    name: str = "Venue"
    printers: tuple[PrinterConfig, ...] = ()
    pos: PosConfig = PosConfig()
    location: LocationConfig = LocationConfig()
    play: PlayConfig = PlayConfig()
    takeaway: bool = True
    shop: ShopConfig = ShopConfig()
    offline_cards: OfflineCards = OfflineCards()
    opening: tuple[ServingHours, ...] = ()


def parse(raw: bytes, source: str) -> VenueFile:
    """A checked venue file. Raises `BadVenueFile`, which names `source`."""
    try:
        file = msgspec.json.decode(raw, type=VenueFile)
    except msgspec.DecodeError as error:
        raise BadVenueFile(f"{source}: {error}.") from error
    check(file, source)
    return file


def check(file: VenueFile, source: str) -> None:
    """Raises `BadVenueFile`, which names `source`, unless a venue can be made of it."""
    for right, complaint in _checks(file):
        if not right:
            raise BadVenueFile(f"{source}: {complaint}")


def _checks(file: VenueFile) -> list[tuple[bool, str]]:
    users = [person.user for person in file.staff]
    stations = [station.id for station in file.stations]
    return [
        (bool(file.tables), "name at least one table."),
        (len(set(file.tables)) == len(file.tables), "two tables have the same name."),
        (bool(stations), "name at least one kitchen station."),
        (len(set(stations)) == len(stations), "two stations have the same id."),
        (all(_plain(station) for station in stations), "station ids are small letters, digits, - and _."),
        (len(set(users)) == len(users), "two people have the same user name."),
        (all(person.role in ROLES for person in file.staff), f"a role is one of {', '.join(ROLES)}."),
        (
            all(person.pin.isdecimal() and len(person.pin) >= 4 for person in file.staff),
            "a PIN is 4 digits or more.",
        ),
        (bool(file.pass_word.strip()), "choose a pass word for the guests."),
        (
            len(file.currency) == 3 and file.currency.isupper() and file.currency.isascii(),
            "currency is like EUR.",
        ),
        (are_times(file.opening), "opening hours are like 18:00 to 02:00."),
        *_printer_checks(file),
        *_pos_checks(file.pos),
        *_location_checks(file.location),
        *_play_checks(file.play),
        *shop_checks(file.shop),
        *offline_card_checks(file.offline_cards),
    ]


def _play_checks(play: PlayConfig) -> list[tuple[bool, str]]:
    ids = [station.id for station in play.stations]
    names = [station.name for station in play.stations]
    tariffs = play.tariffs
    hours = [happy for tariff in tariffs for happy in tariff.happy_hours]
    prices = [tariff.per_hour_minor for tariff in tariffs] + [happy.per_hour_minor for happy in hours]
    packages = [package for tariff in tariffs for package in tariff.packages]
    return [
        (all(map(_plain, ids)), "play: station ids are small letters, digits, - and _."),
        (len(set(ids)) == len(ids), "play: two stations have the same id."),
        (len(set(names)) == len(names), "play: two stations have the same name."),
        (min([0, *prices]) == 0, "play: a price is not below zero."),
        (all(tariff.minimum_minor >= 0 for tariff in tariffs), "play: a minimum is not below zero."),
        (all(1 <= tariff.step_minutes <= 240 for tariff in tariffs), "play: a step is 1 to 240 minutes."),
        (
            all(package.minutes > 0 <= package.price_minor for package in packages),
            "play: a package has minutes and a price.",
        ),
        (
            all(_is_time(happy.begins) and _is_time(happy.ends) for happy in hours),
            "play: happy hours are like 14:00 to 17:30.",
        ),
        (0 <= play.tax_rate_bp <= 10_000, "play: tax_rate_bp is 0 to 10000 (2000 is 20 %)."),
        (0 <= play.grace_s <= 600, "play: grace_s is 0 to 600."),
        (all(second > 0 for second in play.warn_at_s), "play: warn_at_s are seconds above zero."),
        *_booking_checks(play.bookings),
    ]


def _booking_checks(rules: BookingRules) -> list[tuple[bool, str]]:
    """The limits that owners have on the dashboard, too."""
    waits = rules.grace_minutes, rules.hold_minutes
    return [
        (0 <= rules.deposit_minor <= 10**8, "play.bookings: a deposit is not below zero."),
        (0 <= rules.free_cancel_hours <= 720, "play.bookings: free_cancel_hours is 0 to 720."),
        (all(5 <= each <= 1440 for each in waits), "play.bookings: grace and hold are 5 to 1440 minutes."),
        (1 <= rules.ahead_days <= 730, "play.bookings: ahead_days is 1 to 730."),
        (15 <= rules.most_minutes <= 1440, "play.bookings: most_minutes is 15 to 1440."),
    ]


def offline_card_checks(cards: OfflineCards) -> list[tuple[bool, str]]:
    """What has to hold of the limits, each with the complaint if it does not."""
    return [
        (1 <= cards.most_minor <= MOST_MINOR, "offline_cards: most_minor is above zero."),
        (
            cards.most_minor <= cards.most_unsent_minor <= MOST_MINOR,
            "offline_cards: all together may be at least as much as one payment.",
        ),
        (1 <= cards.most_hours <= MOST_HOURS, f"offline_cards: most_hours is 1 to {MOST_HOURS}."),
    ]


def shop_checks(shop: ShopConfig) -> list[tuple[bool, str]]:
    """What has to hold of a shop, each with the complaint if it does not."""
    ids = [product.id for product in shop.products]
    kinds = ", ".join(TEMPLATES)
    return [
        (len(ids) <= 100, "shop: 100 products are the most."),
        (all(map(_plain, ids)), "shop: product ids are small letters, digits, - and _."),
        (len(set(ids)) == len(ids), "shop: two products have the same id."),
        (all(each.template in TEMPLATES for each in shop.products), f"shop: a template is one of {kinds}."),
        (
            all(0 < len(each.name.strip()) <= 80 and each.name.isprintable() for each in shop.products),
            "shop: a product has a name of one line.",
        ),
        (
            all(0 <= each.price_minor <= 10_000_000 for each in shop.products),
            "shop: a price is not below zero.",
        ),
        (all(0 <= each.tax_rate_bp <= 10_000 for each in shop.products), "shop: tax_rate_bp is 0 to 10000."),
        (all(0 <= each.weight_g <= 100_000 for each in shop.products), "shop: weight_g is 0 to 100000."),
        (
            all(len(each.words) <= 200 and each.words.isprintable() for each in shop.products),
            "shop: 200 letters of words on one line are the most.",
        ),
        *(check for each in shop.products for check in _variant_checks(each)),
    ]


def _variant_checks(product: ShopProduct) -> list[tuple[bool, str]]:
    options, name = product.options, product.name
    choices = [choice for option in options for choice in option.choices]
    ids = [option.id for option in options]
    names = [*(option.name for option in options), *(choice.name for choice in choices)]
    return [
        (len(options) <= variants.MOST_OPTIONS, f"shop: {name} has three options at most."),
        (
            all(1 <= len(option.choices) <= variants.MOST_CHOICES for option in options),
            f"shop: an option of {name} has 1 to {variants.MOST_CHOICES} choices.",
        ),
        (
            all(map(_plain, [*ids, *(choice.id for choice in choices)])),
            f"shop: ids of options and choices of {name} are small letters, digits, - and _, 30 at most.",
        ),
        (
            len(set(ids)) == len(ids) and all(_distinct(option) for option in options),
            f"shop: two options or choices of {name} have the same id.",
        ),
        (
            all(0 < len(each.strip()) <= 40 and each.isprintable() for each in names),
            f"shop: every option and choice of {name} has a name.",
        ),
        (
            all(re.fullmatch(r"(#[0-9a-f]{6})?", choice.swatch) for choice in choices),
            f"shop: a swatch of {name} is like #12343b.",
        ),
        (
            all(abs(each.extra_minor) <= 10_000_000 and abs(each.extra_g) <= 100_000 for each in choices),
            f"shop: a choice of {name} costs or weighs too much more.",
        ),
        (
            all(variants.is_known(options, each) for each in product.sold_out),
            f"shop: {name} has no such variant to be sold out of.",
        ),
    ]


def _distinct(option: Option) -> bool:
    ids = [choice.id for choice in option.choices]
    return len(set(ids)) == len(ids) and all(len(each) <= 30 for each in (option.id, *ids))


def _is_time(text: str) -> bool:
    hours, colon, minutes = text.partition(":")
    digits = len(hours) == len(minutes) == 2 and (hours + minutes).isascii() and (hours + minutes).isdecimal()
    return bool(colon) and digits and int(hours) < 24 and int(minutes) < 60


def _printer_checks(file: VenueFile) -> list[tuple[bool, str]]:
    names = [printer.name for printer in file.printers]
    stations = {station.id for station in file.stations}
    widths, tickets = " or ".join(map(str, PAPER_WIDTHS_MM)), " or ".join(TICKETS)
    return [
        (all(name.strip() for name in names), "a printer has a name."),
        (len(set(names)) == len(names), "two printers have the same name."),
        (all(each.address for each in file.printers), "a printer has an address, host:port."),
        (all(each.width_mm in PAPER_WIDTHS_MM for each in file.printers), f"paper is {widths} mm wide."),
        (all(each.tickets in TICKETS for each in file.printers), f"a printer's tickets are {tickets}."),
        (
            all(stations.issuperset(each.stations) for each in file.printers),
            "a printer serves a station that is not there.",
        ),
        (
            all(each.fallback in ("", *names) for each in file.printers),
            "a printer's fallback is the name of another.",
        ),
    ]


def with_printer(file: VenueFile, name: str, address: str) -> VenueFile:
    """The venue with one more printer, for all its stations and for receipts."""
    stations = tuple(station.id for station in file.stations)
    printer = PrinterConfig(name, address, stations=stations, receipts=True)
    return msgspec.structs.replace(file, printers=(*file.printers, printer))


def _pos_checks(pos: PosConfig) -> list[tuple[bool, str]]:
    simulated = pos.simulation
    return [
        (pos.kind != "webhook" or _is_address(pos.url), "pos.url is like https://till.example/holdfast."),
        (1 <= pos.timeout_s <= 60, "pos.timeout_s is 1 to 60."),
        (
            0 <= simulated.success <= 1 and 0 <= simulated.delay_s <= 600,
            "pos.simulation succeeds with 0 to 1, after 0 to 600 seconds.",
        ),
    ]


def _location_checks(location: LocationConfig) -> list[tuple[bool, str]]:
    by_ip, by_gps = location.policy in ("ip", "either"), location.policy in ("gps", "either")
    subnets = (*location.subnets, *location.trusted_proxies)
    return [
        (all(map(_is_subnet, subnets)), "location: a subnet is like 192.168.1.0/24."),
        (bool(location.subnets) or not by_ip, "location: name the subnets from which orders are taken."),
        (location.fence is not None or not by_gps, "location: say where the venue is, as fence."),
        (
            location.fence is None or _is_fence(location.fence),
            "location: a fence has degrees of latitude and longitude, and metres above zero.",
        ),
    ]


def _is_address(url: str) -> bool:
    return re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url) is not None


def _is_subnet(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_fence(fence: Fence) -> bool:
    on_earth = -90 <= fence.lat <= 90 and -180 <= fence.lon <= 180
    return on_earth and 0 < fence.radius_m <= 100_000 and 0 < fence.most_accuracy_m <= 10_000


def _plain(text: str) -> bool:
    return (
        bool(text)
        and text.isascii()
        and text.replace("-", "").replace("_", "").isalnum()
        and text == text.lower()
    )


def configure(
    file: VenueFile,
    name: str,
    venue_id: str,
    restaurant_id: int,
    random_bytes: Callable[[int], bytes],
    hash_pin: Callable[[str], str],
) -> VenueConfig:
    """The configuration as the box adopts it: codes for tables, digests for secrets."""
    codes: set[str] = set()
    while len(codes) < len(file.tables):
        codes.add(readable_code(random_bytes(_CODE_LETTERS), _CODE_LETTERS))
    return VenueConfig(
        venue_id=venue_id,
        restaurant_id=restaurant_id,
        name=name,
        currency=file.currency,
        pass_word_hash=pass_word_digest(restaurant_id, file.pass_word),
        tables=tuple(
            TableConfig(code, table) for code, table in zip(sorted(codes), file.tables, strict=True)
        ),
        stations=file.stations,
        staff=tuple(
            StaffAccount(person.user, person.name, person.role, hash_pin(person.pin)) for person in file.staff
        ),
        timezone=file.timezone,
        printers=file.printers,
        pos=file.pos,
        location=file.location,
        play=file.play,
        takeaway=file.takeaway,
        shop=file.shop,
        offline_cards=file.offline_cards,
        opening=file.opening,
    )
