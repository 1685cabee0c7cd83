"""An organisation with somebody in every role, and one thing of each kind that a path may name.

Rule of the file: people are let in by writing their login sessions down, as the login does after the password
was right; a walk over all routes would otherwise spend its time on argon2.
"""

import secrets
from datetime import UTC, datetime, timedelta

import aiohttp
import asyncpg
import msgspec

from cloud.app import Serving
from cloud.owners.people.roles import ROLES
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.jobs import exports
from cloud.store.jobs.export_sets import Wanted
from cloud.store.people import accounts, api_tokens, invitations, logins
from cloud.store.people.accounts import User
from cloud.store.people.api_tokens import Token
from cloud.store.people.invitations import Invitation
from protocol.http import Route
from protocol.identity import token_digest
from tests.integration.cloud.conftest import PASSWORD


class Organisation(msgspec.Struct):
    """`people` are user ids by role, `ids` what stands for `{name}` in a path."""

    organisation_id: str
    people: dict[str, str]
    ids: dict[str, str]

    def beside(self, ids: dict[str, str]) -> "Organisation":
        """The same organisation with other things in its paths."""
        return Organisation(self.organisation_id, self.people, {**self.ids, **ids})


class Key(msgspec.Struct):
    """What lets somebody in: headers of a request, the CSRF token apart."""

    headers: dict[str, str]
    csrf: str = ""


async def found(cloud: Serving, name: str) -> Organisation:
    """A whole organisation."""
    organisation_id = await founding.create_owner(cloud.pool, f"owner@{name}.example", PASSWORD)
    file = venue_file.load(sample("venue.json"))
    cook = msgspec.structs.replace(file.staff[0], user=f"cook{name}")
    venue = await founding.create_venue(
        cloud.pool, f"owner@{name}.example", f"Venue of {name}", msgspec.structs.replace(file, staff=(cook,))
    )
    people = {}
    async with cloud.pool.acquire() as connection:
        for role in ROLES:
            address = f"{role}@{name}.example"
            known = await accounts.find_user(connection, address)
            if known is None:
                known = User(founding.new_id(), organisation_id, address, role, "no password fits this")
                await accounts.add_user(connection, known)
            people[role] = known.user_id
        ids = await _things(connection, organisation_id, name)
    ids |= {"venue_id": venue.venue_id, "user_id": people["support"], "version": "1", "user": cook.user}
    ids["order_id"] = await _order(cloud, venue.venue_id)
    ids["session_id"] = (await _session(cloud, people["owner"]))[0]
    return Organisation(organisation_id, people, ids)


async def annex(cloud: Serving, organisation: Organisation, name: str) -> Organisation:
    """A second venue of the organisation's, with an order, an export and a payment that are about it."""
    owner = f"owner@{name}.example"
    file = venue_file.load(sample("venue.json"))
    cook = msgspec.structs.replace(file.staff[0], user=f"cook{name}annex")
    venue = await founding.create_venue(
        cloud.pool, owner, f"Annex of {name}", msgspec.structs.replace(file, staff=(cook,))
    )
    export_id, now = founding.new_id(), datetime.now(UTC).date()
    async with cloud.pool.acquire() as connection:
        wanted = Wanted(organisation.organisation_id, [venue.venue_id], now, now)
        await exports.add(connection, export_id, wanted, "orders", "csv", "somebody")
    order_id = await _order(cloud, venue.venue_id)
    return organisation.beside(
        {"venue_id": venue.venue_id, "user": cook.user, "order_id": order_id, "export_id": export_id}
    )


async def bind(cloud: Serving, organisation: Organisation, role: str, reach: str) -> None:
    """Whoever has the role has it at this brand or venue only."""
    user_id = organisation.people[role]
    await cloud.pool.execute("UPDATE users SET reach = $2 WHERE user_id = $1", user_id, [reach])


async def _things(connection: asyncpg.Connection, organisation_id: str, name: str) -> dict[str, str]:
    now = datetime.now(UTC)
    token = Token(founding.new_id(), "till", ["venues:read"], "somebody", now, None)
    await api_tokens.add(connection, organisation_id, token, token_digest(token.token_id))
    invitation = Invitation(
        founding.new_id(), f"new@{name}.example", "manager", "somebody", now, now + timedelta(days=1)
    )
    await invitations.invite(connection, organisation_id, invitation, token_digest(invitation.invitation_id))
    brand_id = await connection.fetchval(
        "SELECT brand_id FROM brands WHERE organisation_id = $1", organisation_id
    )
    wanted = Wanted(organisation_id, [], now.date(), now.date())
    export_id = founding.new_id()
    await exports.add(connection, export_id, wanted, "orders", "csv", "somebody")
    return {
        "export_id": export_id,
        "token_id": token.token_id,
        "invitation_id": invitation.invitation_id,
        "brand_id": str(brand_id),
        "wallet_id": f"guest-{name}",
        "payment_id": f"payment-{name}",
        "blob": "0" * 64,
    }


async def _order(cloud: Serving, venue_id: str) -> str:
    """A draft in the shop, of nothing."""
    order_id = founding.new_id()
    await cloud.pool.execute(
        """
        INSERT INTO shop_orders (venue_id, order_id, number, source, mid, name, currency, items_minor,
        shipping_minor, tax_minor, total_minor, weight_g, taxes, status, payment_status) VALUES ($1, $2,
        next_shop_number($1), 'web', 'walk', 'Walker', 'EUR', 0, 0, 0, 0, 0, '[]', 'draft', 'unpaid') """,
        venue_id,
        order_id,
    )
    return order_id


async def _session(cloud: Serving, user_id: str) -> tuple[str, Key]:
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    async with cloud.pool.acquire() as connection:
        await logins.open_login(connection, token_digest(token), user_id, csrf, 1)
    opened = await logins.find_login(cloud.pool, token_digest(token))
    assert opened is not None
    return opened.session_id, Key({"Cookie": f"holdfast={token}"}, csrf)


async def enter(cloud: Serving, organisation: Organisation, role: str) -> Key:
    """A fresh login session of somebody in that role."""
    return (await _session(cloud, organisation.people[role]))[1]


async def token_of(
    cloud: Serving, organisation: Organisation, *scopes: str, reach: frozenset[str] | None = None
) -> Key:
    """A fresh API token, of all the organisation or bound."""
    secret = f"hf_{secrets.token_urlsafe(32)}"
    token = Token(founding.new_id(), "walker", list(scopes), "somebody", datetime.now(UTC), None, reach=reach)
    async with cloud.pool.acquire() as connection:
        await api_tokens.add(connection, organisation.organisation_id, token, token_digest(secret))
    return Key({"Authorization": f"Bearer {secret}"})


def address_of(route: Route, organisation: Organisation) -> str:
    """The route's path with the organisation's own ids in it."""
    return route.path.format(**organisation.ids)


async def call(
    http: aiohttp.ClientSession, url: str, route: Route, key: Key, body: object = None
) -> tuple[int, str]:
    """Status and, of a refusal, the code. A route that takes a body gets `body`, or an empty object."""
    headers = {**key.headers, **({"X-CSRF-Token": key.csrf} if key.csrf else {})}
    json = (body or {}) if route.request is not None else None
    params = dict.fromkeys(route.query, "today")
    async with http.request(route.method, url, headers=headers, json=json, params=params) as response:
        text = await response.read()
    if response.status < 400:
        return response.status, ""
    return response.status, str(msgspec.json.decode(text)["error"]["code"])
