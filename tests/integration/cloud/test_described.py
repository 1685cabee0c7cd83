"""What the cloud says of its own HTTP is true: every route is called with whatever its row allows, and more.

The tool that makes the requests waits for each of them, so the cloud runs in a thread with a loop of its own.
"""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import Future
from importlib import import_module
from pkgutil import walk_packages
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import ignored_auth, negative_data_rejection, positive_data_acceptance
from schemathesis.specs.openapi.checks import allow_header_conformance

from cloud import guests, ingest, owners, payments, shop, web
from cloud.app import serving
from cloud.owners.venues import founding
from cloud.store.embedded_postgres import EmbeddedPostgres
from protocol.http import Route
from protocol.schema.openapi import openapi
from tests.depth import NIGHTLY, so_many
from tests.integration.cloud.conftest import CONFIG, OWNER, PASSWORD, own_database


def _rows(*rooms: ModuleType) -> list[Route]:
    """Every route that stands in a module of these rooms; a new one needs no line here."""
    names = [found.name for room in rooms for found in walk_packages(room.__path__, f"{room.__name__}.")]
    modules = [import_module(name) for name in names]
    return [row for module in modules for row in vars(module).values() if isinstance(row, Route)]


ROWS = [row for row in _rows(ingest, guests, owners, payments, shop, web) if row.path != "/openapi.json"]


async def _serve(postgres: EmbeddedPostgres, template: str, told: "Future[str]", stop: asyncio.Event) -> None:
    async with own_database(postgres, template) as database, serving(CONFIG, database) as cloud:
        await founding.create_owner(cloud.pool, OWNER, PASSWORD)
        told.set_result(cloud.url)
        await stop.wait()


@pytest.fixture(scope="module")
def url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """A cloud with one owner."""
    told: Future[str] = Future()
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_until_complete, args=(_serve(postgres, template, told, stop),))
    thread.start()
    try:
        yield told.result(60)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One browser for all tests."""
    with requests.Session() as session:
        yield session


@pytest.fixture
def owner(url: str, session: requests.Session) -> requests.Session:
    """An owner who is logged in; in again after a test that logged out."""
    if session.get(f"{url}/api/me", timeout=60).status_code == 401:
        body = {"email": OWNER, "password": PASSWORD}
        answer = session.post(f"{url}/api/login", json=body, timeout=60)
        answer.raise_for_status()
        session.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return session


def test_all_that_is_served_is_described(url: str) -> None:
    served = requests.get(f"{url}/openapi.json", timeout=60).json()
    assert {*served["paths"]} == {*described["paths"], "/openapi.json"}


described = openapi(ROWS, title="Holdfast cloud", version="0", description="")
#: Every border of every field is tried by night: thousands of cases, which are made before any test runs.
borders = schemathesis.Config.from_dict({"request-timeout": 60, "phases": {"coverage": {"enabled": NIGHTLY}}})
schema = schemathesis.openapi.from_dict(described, config=borders)


#: A string that fits its schema may still be no date and no key.
MEANING = [positive_data_acceptance]
#: The tool leaves out the cookie that we then put back.
IDENTITY = [ignored_auth, negative_data_rejection]


def _of_two(case: schemathesis.Case[Any]) -> list[Any]:
    """Where an address fits another row, too (`/wallet/link`), `Allow` names the methods of both."""
    others = [each for each in described["paths"] if "{" in each and each != case.path]
    patterns = [re.sub(r"\{[^}]*\}", "[^/]+", each) for each in others]
    return [allow_header_conformance] if any(re.fullmatch(each, case.path) for each in patterns) else []


def thorough(examples: int) -> settings:
    """So many requests of a route, and nothing made smaller afterwards."""
    phases, checks = (Phase.explicit, Phase.generate), list(HealthCheck)
    return settings(max_examples=examples, deadline=None, phases=phases, suppress_health_check=checks)


@schema.parametrize()
@thorough(so_many(4, 100))
def test_every_route_answers_strangers_as_described(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, excluded_checks=[*MEANING, *_of_two(case)])


@schema.parametrize()
@thorough(so_many(10, 100))
def test_every_route_answers_owners_as_described(
    case: schemathesis.Case[Any], url: str, owner: requests.Session
) -> None:
    case.call_and_validate(base_url=url, session=owner, excluded_checks=[*MEANING, *IDENTITY, *_of_two(case)])
