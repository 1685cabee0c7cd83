"""What watches over a cloud: names of requests, readiness, and figures that dashboards and alerts ask for."""

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

import cloud.operations
from cloud.app import Serving, serving
from cloud.owners.venues.founding import NewVenue
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import CONFIG

KIT = Path(cloud.operations.__file__).parent / "kit"
_NAME = re.compile(r"\bholdfast_[a-z_]+\b")


async def _figures(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(f"{url}/metrics") as response:
        return await response.text()


def _asked_for(name: str) -> set[str]:
    return set(_NAME.findall((KIT / name).read_text("utf-8")))


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml"])
async def test_every_figure_that_is_asked_for_is_told(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, name: str
) -> None:
    async with box.online(http, cloud.url) as wire:
        box.day.serve(1)
        await wire.catch_up()
    told = {
        line.partition(" ")[0].partition("{")[0] for line in (await _figures(http, cloud.url)).splitlines()
    }
    declared = {
        line.split()[2]
        for line in (await _figures(http, cloud.url)).splitlines()
        if line.startswith("# TYPE")
    }
    # A counter with labels that nothing was counted under yet is only declared.
    known = told | {
        f"{each}{end}" for each in declared for end in ("", "_total", "_bucket", "_count", "_sum")
    }
    asked = _asked_for(name)
    assert len(asked) > 5
    assert asked - known == set()


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    board: dict[str, Any] = msgspec.json.decode((KIT / "grafana.json").read_bytes())
    assert {"title", "uid", "panels", "templating", "schemaVersion"} <= board.keys()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in board["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        assert all(target["expr"] for target in panel.get("targets", [])), panel["title"]


def test_every_alert_says_what_to_do() -> None:
    rules: dict[str, Any] = msgspec.yaml.decode((KIT / "alerts.yml").read_bytes())
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in alerts}) == len(alerts) > 6
    for rule in alerts:
        assert {"alert", "expr", "for", "labels", "annotations"} == rule.keys(), rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "remedy"} == rule["annotations"].keys()


async def test_a_request_has_a_name(cloud: Serving, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{cloud.url}/livez", headers={"X-Request-Id": "from-the-proxy.1"}) as response:
        assert response.headers["X-Request-Id"] == "from-the-proxy.1"
    for rude in ("", "a b", "x" * 65, "<script>"):
        async with http.get(f"{cloud.url}/api/nothing", headers={"X-Request-Id": rude}) as response:
            assert response.status == 404
            assert re.fullmatch(r"[0-9a-f]{16}", response.headers["X-Request-Id"])
    figures = await _figures(http, cloud.url)
    assert 'holdfast_requests_total{method="GET",route="unknown",status="4xx"} 4.0' in figures


async def test_a_route_is_counted_by_its_pattern(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    for venue_id in (venue.venue_id, "another"):
        async with http.get(f"{cloud.url}/api/venues/{venue_id}/orders") as response:
            assert response.status == 401
    line = 'holdfast_requests_total{method="GET",route="/api/venues/{venue_id}/orders",status="4xx"} 2.0'
    assert line in await _figures(http, cloud.url)


async def test_a_process_that_drains_is_alive_and_not_ready(
    database: str, http: aiohttp.ClientSession
) -> None:
    stop = asyncio.Event()
    told: asyncio.Queue[str] = asyncio.Queue()

    async def serve() -> None:
        config = msgspec.structs.replace(CONFIG, linger_s=600.0)
        async with serving(config, database) as served:
            told.put_nowait(served.url)
            await stop.wait()

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        running = group.create_task(serve())
        url = await told.get()
        assert (await _ask(http, f"{url}/readyz"))[0] == 200
        stop.set()
        status, code = 200, ""
        while status == 200 and not running.done():
            status, code = await _ask(http, f"{url}/readyz")
        assert (status, code) == (503, "going_away")
        assert (await _ask(http, f"{url}/livez"))[0] == 200
        running.cancel()


async def _ask(http: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    async with http.get(url) as response:
        answer = await response.json()
    return response.status, answer.get("error", {}).get("code", "")
