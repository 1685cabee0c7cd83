"""Every route as everybody: what has to come of it stands in the routes' own rows.

Rule of the file: no route is named but those that stand open to strangers, and bodies for those that would
refuse an empty one before they looked whom it is about. A route that is added is walked without a word here.
"""

import itertools
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.owners.people.roles import ROLES, SCOPES
from protocol.http import Route
from tests.integration.cloud.hours import hold_windows
from tests.integration.cloud.organisation import (
    Key,
    Organisation,
    address_of,
    call,
    enter,
    found,
    token_of,
)

#: What strangers may ask. Whoever adds to this list has thought about it.
OPEN = {
    *("GET /", "GET /assets/{name}", "GET /favicon.svg"),
    *("GET /healthz", "GET /livez", "GET /readyz", "GET /status", "GET /metrics"),
    *("POST /api/login", "POST /api/edge/claim", "POST /api/invitation", "POST /api/invitation/accept"),
    # A box that has no owner yet; signed by its key, limited by address.
    *("POST /api/edge/pairing", "POST /api/edge/pairing/poll"),
    *("POST /api/edge/snapshot", "GET /api/edge/snapshot/{place}"),
    # Stripe, by its signature.
    "POST /api/stripe/webhook",
    # Boxes, by the signature of their own key.
    "GET /api/edge/pictures/{blob}/file",
    *("POST /api/edge/cards", "GET /api/edge/pictures/{blob}", "PUT /api/edge/pictures/{blob}"),
    "GET /api/edge/dishes/{blob}",
    # Guests off the venue's network: the page, what it shows, and where the venue stands.
    *("GET /v/{venue_id}/t/{code}", "GET /v/{venue_id}/menu", "GET /v/{venue_id}/tables/{code}"),
    "GET /v/{venue_id}/dishes/{blob}",
    *("PUT /api/edge/keepsake", "GET /api/edge/keepsake"),
    *("POST /api/edge/release", "GET /api/edge/release/files/{sha256}"),
    # Guests who design; likewise by their key. The page itself and the faces it is set in are for everybody.
    *("GET /shop/{venue_id}", "GET /shop/faces/{face}"),
    *("GET /shop/{venue_id}/catalogue", "POST /designs", "GET /designs"),
    *("GET /designs/{design_id}", "PATCH /designs/{design_id}"),
    *("POST /designs/{design_id}/preview", "POST /designs/{design_id}/finalize"),
    *("GET /designs/{design_id}/jobs/{job_id}", "GET /designs/{design_id}/jobs/{job_id}/image"),
    "GET /designs/{design_id}/final",
    # Pictures: whoever has brought one; and previews, by an address that nobody can guess.
    *("POST /pictures", "GET /pictures/{venue_id}/{blob}", "GET /previews/{venue_id}/{name}"),
    # Guests who order things they designed; a key that their browser made says whose they are.
    *("GET /shop/{venue_id}", "GET /shop/faces/{face}"),
    *("GET /shop/{venue_id}/orders", "GET /shop/{venue_id}/delivery", "GET /shop/{venue_id}/history"),
    *(
        "POST /orders",
        "POST /shop/{venue_id}/quotes",
        "GET /orders/{order_id}",
        "POST /orders/{order_id}/checkout",
    ),
    *("POST /orders/{order_id}/look", "POST /orders/{order_id}/reorder"),
    *("POST /orders/history/link", "POST /orders/history/redeem"),
    # Guests who look at their own wallet; by the token of a link that was mailed to them.
    *("GET /wallet/{venue_id}", "POST /wallet/link", "POST /wallet/statement"),
    # Guests who are not on the venue's network; the box decides about what they ask, and knows their tokens.
    *(
        "POST /v/{venue_id}/session/join",
        "POST /v/{venue_id}/orders",
        "POST /v/{venue_id}/session/order",
        "GET /v/{venue_id}/outcomes/{command_id}",
    ),
}
BODIES: dict[str, Any] = {
    "PATCH /api/people/{user_id}": {"role": "manager"},
    "PATCH /api/tokens/{token_id}": {"reach": None},
    "PUT /admin/orders/{order_id}": {"status": "shipped", "version": 1},
    "POST /admin/orders/{order_id}/refunds": {"mid": "mid-of-a-walk", "reason": "walking"},
    "POST /api/money/payments/{payment_id}/refunds": {"mid": "refund-1", "reason": "cold"},
    "POST /api/money/payments/{payment_id}/decision": {
        "mid": "decision-1",
        "decision": "accept",
        "reason": "cold",
    },
    "PUT /api/wallets/{wallet_id}/email": {"email": None},
}


def _name(route: Route) -> str:
    return f"{route.method} {route.path}"


def _of_owners(cloud: Serving) -> list[Route]:
    return [route for route in cloud.routes if route.auth == "owner"]


@pytest.fixture
async def harbour(cloud: Serving) -> Organisation:
    return await found(cloud, "harbour")


@pytest.fixture
async def pier(cloud: Serving) -> Organisation:
    return await found(cloud, "pier")


async def test_only_these_routes_stand_open(cloud: Serving) -> None:
    assert {_name(route) for route in cloud.routes if route.auth != "owner"} == OPEN


async def test_routes_name_roles_and_scopes_that_there_are(cloud: Serving) -> None:
    for route in _of_owners(cloud):
        assert route.roles, _name(route)
        assert set(route.roles) <= set(ROLES), _name(route)
        assert not route.scope or route.scope in SCOPES, _name(route)


async def test_nobody_gets_nothing(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession
) -> None:
    strangers = [
        Key({}),
        Key({"Cookie": "holdfast=guessed"}),
        Key({"Authorization": "Bearer hf_guessed"}),
        Key({"Authorization": "Basic b3duZXI6b3duZXI="}),
    ]
    for route, key in itertools.product(_of_owners(cloud), strangers):
        answer = await call(http, cloud.url + address_of(route, harbour), route, key)
        assert answer == (401, "unauthenticated"), (_name(route), key)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_what_the_routes_say(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession, role: str
) -> None:
    for route in _of_owners(cloud):
        key = await enter(cloud, harbour, role)
        status, code = await call(http, cloud.url + address_of(route, harbour), route, key)
        if role in route.roles:
            assert status < 500, (_name(route), status, code)
            assert status not in (401, 403) or code in ("wrong_password", "wrong_code"), (_name(route), code)
        else:
            assert (status, code) == (403, "forbidden"), _name(route)


async def test_a_change_needs_the_csrf_token(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession
) -> None:
    changes = [route for route in _of_owners(cloud) if route.method != "GET"]
    assert changes
    for route, told in itertools.product(changes, ("", "guessed")):
        key = await enter(cloud, harbour, "owner")
        key.csrf = told
        answer = await call(http, cloud.url + address_of(route, harbour), route, key)
        assert answer == (403, "csrf_failed"), _name(route)


async def test_another_organisation_finds_nothing_of_this_one(
    cloud: Serving, harbour: Organisation, pier: Organisation, http: aiohttp.ClientSession
) -> None:
    about = [route for route in _of_owners(cloud) if "{" in route.path]
    assert about
    for route in about:
        key = await enter(cloud, pier, "owner")
        body = BODIES.get(_name(route))
        status, code = await call(http, cloud.url + address_of(route, harbour), route, key, body)
        assert (status, code.partition("_")[0]) in ((404, "unknown"), (404, "invitation")), _name(route)


async def test_an_id_of_the_own_organisation_does_not_open_another(
    cloud: Serving, harbour: Organisation, pier: Organisation, http: aiohttp.ClientSession
) -> None:
    """Paths with two ids: one of one's own does not make up for one of somebody else's."""
    for route in _of_owners(cloud):
        names = [name for name in harbour.ids if f"{{{name}}}" in route.path]
        for own in names if len(names) > 1 else ():
            key = await enter(cloud, pier, "owner")
            mixed = Organisation(pier.organisation_id, pier.people, {**harbour.ids, own: pier.ids[own]})
            body = BODIES.get(_name(route))
            status, code = await call(http, cloud.url + address_of(route, mixed), route, key, body)
            assert status == 404, (_name(route), own, code)


@pytest.mark.parametrize("scope", [*SCOPES, "none"])
async def test_a_token_opens_what_names_its_scope_and_nothing_else(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession, scope: str
) -> None:
    key = await token_of(cloud, harbour, scope)
    for route in _of_owners(cloud):
        status, code = await call(http, cloud.url + address_of(route, harbour), route, key)
        if route.scope == scope:
            assert status < 500, (_name(route), status)
            assert status not in (401, 403), (_name(route), code)
        else:
            assert (status, code) == (403, "forbidden"), _name(route)


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(("menu:write",), 403), (("venues:read",), 403), (("venues:read", "reports:read"), 101)],
)
async def test_the_live_socket_takes_the_scopes_of_what_it_tells(
    cloud: Serving,
    harbour: Organisation,
    http: aiohttp.ClientSession,
    scopes: tuple[str, ...],
    status: int,
) -> None:
    key = await token_of(cloud, harbour, *scopes)
    url = f"{cloud.url}/ws/owner"
    if status == 101:
        async with http.ws_connect(url, headers=key.headers) as socket:
            assert (await socket.receive_json())["venue_id"] == harbour.ids["venue_id"]
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url, headers=key.headers)
        assert refused.value.status == status


async def test_somebody_who_changes_too_much_at_once_is_slowed_down(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await hold_windows(sql)
    key = await enter(cloud, harbour, "owner")
    make = next(route for route in cloud.routes if route.path == "/api/tokens" and route.method == "POST")
    answers = [await call(http, f"{cloud.url}/api/tokens", make, key) for _ in range(301)]
    assert answers[-1] == (429, "rate_limited")
    assert (429, "rate_limited") not in answers[:-1]
