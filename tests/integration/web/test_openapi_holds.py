"""The box does what its own OpenAPI says, whatever is asked: statuses, bodies, refusals (schemathesis).

Requests are made from the published document, good ones and bad ones, with and without a token; every answer
is held against the same document. What is bad or comes from nobody must leave the journal as it was.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from schemathesis import GenerationMode

from edge.web import described, health, pages
from edge.web.guests import desk as guests
from edge.web.guests import dish_desk, ordering
from edge.web.guests import play as play_guests
from edge.web.installing import device_desk, handover_desk, pairing_desk
from edge.web.money import (
    bill_desk,
    card_desk,
    paying_in_desk,
    payment_desk,
    shift_desk,
    statement_desk,
    stored_desk,
)
from edge.web.play import booking_desk, station_desk
from edge.web.play import desk as play_desk
from edge.web.shop import desk as shop_desk
from edge.web.shop import pictures as shop_pictures
from edge.web.staff import (
    alarm_desk,
    approval_desk,
    doubts,
    drill_desk,
    serving_desk,
    table_desk,
    ticket_desk,
)
from edge.web.staff import desk as staff
from protocol.http import Route
from tests.depth import NIGHTLY, so_many
from tests.integration.web.served import ServedBox, get

MODULES = (
    *(guests, ordering, staff, table_desk, serving_desk, bill_desk, payment_desk, shift_desk),
    *(alarm_desk, ticket_desk, approval_desk, drill_desk, dish_desk, shop_desk, shop_pictures),
    *(doubts, play_desk, play_guests, station_desk, device_desk, health, pages, described),
    *(pairing_desk, handover_desk, card_desk, stored_desk, statement_desk, booking_desk),
    paying_in_desk,
)
ROUTES = [route for module in MODULES for route in vars(module).values() if isinstance(route, Route)]
WITH_FIELDS = sorted({(route.method, route.path) for route in ROUTES if route.request or route.query})
ADDRESSES = sorted({(route.method, route.path) for route in ROUTES})
GUARDED = sorted({(route.method, route.path) for route in ROUTES if route.auth != "none"})


@pytest.fixture(scope="module")
def document(box: ServedBox) -> Any:
    """The published description, as schemathesis reads it."""
    no = {"expected-statuses": ["4xx"]}  # which one is held against the document; too much is a 413
    config = schemathesis.Config.from_dict(
        {
            "request-timeout": 60,
            "generation": {"allow-x00": False},
            "checks": {"negative_data_rejection": no},
        }
    )
    return schemathesis.openapi.from_url(box.url + "/openapi.json", config=config)


@pytest.fixture(scope="module")
def token(box: ServedBox) -> str:
    """Somebody who may do everything that a waiter may."""
    return box.staff_token()


def _whole_floats(value: Any) -> bool:
    """Whether a `109.0` stands somewhere: an integer to JSON Schema, no integer to us."""
    if isinstance(value, dict):
        return any(map(_whole_floats, value.values()))
    if isinstance(value, list):
        return any(map(_whole_floats, value))
    return isinstance(value, float) and value.is_integer()


def _part_of_a_cent(body: Any) -> bool:
    """Whether an amount is no whole number of cents: a number to JSON Schema, no money to us."""
    amount = body.get("amount") if isinstance(body, dict) else None
    return isinstance(amount, float) and round(amount, 2) != amount


def hold(
    document: Any,
    address: tuple[str, str],
    mode: GenerationMode,
    token: str | None,
    examples: int,
    box: ServedBox | None = None,
) -> None:
    """Ask an address many things and hold every answer against the document; a no of `box` changes nothing.

    Whether a yes was right is the document's question: a case may be odd in a header that we replace.
    """
    method, path = address
    operation = document[path][method]
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=not NIGHTLY
    )
    def ask(case: Any) -> None:
        assume(not _whole_floats(case.body) and not _part_of_a_cent(case.body))
        before = box.facts() if box else 0
        answer = case.call_and_validate(headers=headers)
        assert box is None or answer.status_code < 400 or box.facts() == before

    ask()


def test_every_address_is_published(box: ServedBox) -> None:
    paths = get(box.url + "/openapi.json").json()["paths"]
    published = [(method.upper(), path) for path, operations in paths.items() for method in operations]
    assert sorted(published) == ADDRESSES


@pytest.mark.parametrize("address", ADDRESSES, ids=" ".join)
def test_what_fits_the_description(document: Any, address: tuple[str, str], token: str) -> None:
    hold(document, address, GenerationMode.POSITIVE, token, so_many(6, 100))


@pytest.mark.parametrize("address", WITH_FIELDS, ids=" ".join)
def test_what_does_not_fit_changes_nothing(
    document: Any, address: tuple[str, str], token: str, box: ServedBox
) -> None:
    hold(document, address, GenerationMode.NEGATIVE, token, so_many(8, 100), box)


@pytest.mark.parametrize("address", GUARDED, ids=" ".join)
def test_nobody_gets_past_the_door(document: Any, address: tuple[str, str], box: ServedBox) -> None:
    before = box.facts()
    hold(document, address, GenerationMode.POSITIVE, None, so_many(3, 20))
    assert box.facts() == before
