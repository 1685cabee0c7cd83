"""The desks of the cloud, by whom they serve: the part of the composition root that is about addresses.

Each function is one counter; a new desk is one line in one of them. Counterparts: `app.py` serves them all,
`cloud/owners/gate.py` stands before every route of theirs.
"""

from typing import Protocol

import asyncpg
import msgspec

from cloud.config import Config
from cloud.guests.desk import GuestDesk
from cloud.guests.table_page import TablePage
from cloud.guests.wallet_page import WalletPage
from cloud.ingest.card_calls import CardCalls
from cloud.ingest.claim import Claims
from cloud.ingest.dish_door import DishDoor
from cloud.ingest.keepsake_door import KeepsakeDoor
from cloud.ingest.pairing import Pairings
from cloud.ingest.picture_door import PictureDoor
from cloud.ingest.release_door import ReleaseDoor
from cloud.ingest.snapshot import Snapshots
from cloud.jobs.blobs import Blobs
from cloud.owners.menu.desk import MenuDesk
from cloud.owners.menu.pictures import DishPictureDesk
from cloud.owners.money.desk import MoneyDesk
from cloud.owners.money.offline_cards import OfflineCardDesk
from cloud.owners.money.venue_payments import VenuePaymentsDesk
from cloud.owners.money.wallets import WalletDesk
from cloud.owners.pages import Pages
from cloud.owners.people.account import Accounts
from cloud.owners.people.activity import Activity
from cloud.owners.people.crew import CrewDesk
from cloud.owners.people.desk import Personnel
from cloud.owners.people.login import Logins
from cloud.owners.people.tokens import TokenDesk
from cloud.owners.sight.aftermath import Aftermath
from cloud.owners.sight.alert_desk import AlertDesk
from cloud.owners.sight.booking_desk import BookingDesk
from cloud.owners.sight.export_desk import ExportDesk
from cloud.owners.sight.health_desk import HealthDesk
from cloud.owners.sight.occupancy_desk import OccupancyDesk
from cloud.owners.sight.reporting import Reporting
from cloud.owners.sight.watch import Watch
from cloud.owners.venues.booking_rules import BookingRulesDesk
from cloud.owners.venues.business_day import BusinessDayDesk
from cloud.owners.venues.commanding import Commanding
from cloud.owners.venues.house_rules import RulesDesk
from cloud.owners.venues.pairing import Pairing
from cloud.owners.venues.release_desk import ReleaseDesk
from cloud.owners.venues.replacing import Replacing
from cloud.payments.cards import Cards
from cloud.payments.gateway import CardGateway
from cloud.payments.reconciling import Reconciling
from cloud.payments.refunding import Refunding
from cloud.payments.webhook import WebhookDesk
from cloud.shop.designs.product_desk import ProductDesk
from cloud.shop.fulfilment.desk import FulfilmentDesk
from cloud.shop.fulfilment.export_desk import ShopExportDesk
from cloud.shop.fulfilment.paper_desk import PaperDesk
from cloud.shop.orders.checkout import CheckoutDesk
from cloud.shop.orders.history import HistoryDesk
from cloud.shop.orders.mails import Postman, base_url
from cloud.shop.orders.ordering import OrderDesk
from cloud.shop.orders.page import OrderPage
from cloud.shop.orders.settling import PURPOSE, Settling
from cloud.shop.orders.shipping_desk import ShippingDesk
from cloud.shop.room import DesignRoom
from cloud.web.answers import Handler
from protocol.http import Route


class Desk(Protocol):
    """Addresses and their handlers."""

    def routes(self) -> list[tuple[Route, Handler]]: ...


class Around(msgspec.Struct, frozen=True):
    """What nearly every desk needs."""

    config: Config
    pool: asyncpg.Pool
    logins: Logins
    blobs: Blobs


class Till(msgspec.Struct, frozen=True):
    """Card money: how it is taken, given back, and compared with the provider's books."""

    cards: Cards
    refunding: Refunding
    reconciling: Reconciling

    @classmethod
    def at(cls, pool: asyncpg.Pool, gateway: CardGateway | None) -> "Till":
        """`gateway` None: this cloud takes no cards."""
        cards = Cards(pool, gateway)
        return cls(cards, Refunding(cards), Reconciling(cards))


def all_of(around: Around, till: Till, designs: DesignRoom) -> tuple[Desk, ...]:
    """Every one of them."""
    return (
        *_for_boxes(around, till, designs),
        *_for_people(around),
        *_for_venues(around),
        *_for_menus(around, designs),
        *_for_sight(around),
        *_for_money(around, till),
        *_for_guests(around),
        *_for_the_shop(around, till, designs),
    )


def _for_boxes(around: Around, till: Till, designs: DesignRoom) -> tuple[Desk, ...]:
    config, pool, blobs = around.config, around.pool, around.blobs
    return (
        Claims(config, pool),
        Snapshots(config, pool),
        Pairings(config, pool),
        PictureDoor(pool, blobs, designs.painters),
        DishDoor(pool, blobs),
        ReleaseDoor(pool, blobs),
        KeepsakeDoor(pool),
        CardCalls(pool, till.cards),
    )


def _for_people(around: Around) -> tuple[Desk, ...]:
    """Who may come in, and the page that they come to."""
    pool, logins = around.pool, around.logins
    return (
        logins,
        Pages(),
        Accounts(pool, logins),
        Personnel(pool, logins),
        TokenDesk(pool, logins),
        Activity(pool, logins),
    )


def _for_venues(around: Around) -> tuple[Desk, ...]:
    pool, logins = around.pool, around.logins
    return (
        Pairing(pool, logins),
        Replacing(pool, logins),
        ReleaseDesk(pool, logins),
        Commanding(pool, logins),
        CrewDesk(pool, logins),
        RulesDesk(pool, logins),
        BookingRulesDesk(pool, logins),
        BusinessDayDesk(pool, logins),
    )


def _for_menus(around: Around, designs: DesignRoom) -> tuple[Desk, ...]:
    pool, logins, blobs = around.pool, around.logins, around.blobs
    return MenuDesk(pool, logins, blobs), DishPictureDesk(pool, logins, blobs, designs.painters)


def _for_sight(around: Around) -> tuple[Desk, ...]:
    pool, logins = around.pool, around.logins
    return (
        Watch(pool, logins),
        Aftermath(pool, logins),
        Reporting(pool, logins),
        HealthDesk(pool, logins),
        OccupancyDesk(pool, logins),
        BookingDesk(pool, logins),
        ExportDesk(pool, logins, around.blobs),
        AlertDesk(around.config, pool, logins),
    )


def _for_money(around: Around, till: Till) -> tuple[Desk, ...]:
    pool, logins = around.pool, around.logins
    return (
        WalletDesk(pool, logins, till.cards, behind_tls=around.config.behind_tls),
        OfflineCardDesk(pool, logins),
        MoneyDesk(pool, logins, till.cards, till.refunding, till.reconciling),
        VenuePaymentsDesk(pool, logins),
        WebhookDesk(till.cards, till.refunding, till.reconciling.wake),
    )


def _for_guests(around: Around) -> tuple[Desk, ...]:
    """Those who are not on the venue's network."""
    config, pool = around.config, around.pool
    return GuestDesk(config, pool), TablePage(config, pool, around.blobs), WalletPage(config, pool)


def _for_the_shop(around: Around, till: Till, designs: DesignRoom) -> tuple[Desk, ...]:
    """From a design to somebody's door; what is paid by card is heard of where cards are settled."""
    config, pool, logins = around.config, around.pool, around.logins
    postman = Postman(base_url(config))
    settling = Settling(till.refunding, postman)
    till.cards.purposes.on(PURPOSE, settling.settled, noted=settling.settled)
    return (
        designs,
        ProductDesk(pool, logins),
        OrderDesk(config, pool),
        HistoryDesk(config, pool),
        OrderPage(),
        CheckoutDesk(config, pool, till.cards, settling, postman),
        FulfilmentDesk(pool, logins, till.refunding, postman),
        ShippingDesk(pool, logins),
        PaperDesk(pool, logins, around.blobs, postman),
        ShopExportDesk(pool, logins),
    )
