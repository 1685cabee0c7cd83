"""A real Prometheus that looks at a cloud, a worker and a box, all processes of their own, and its answers.

It has the kit's rules and asks every second, so that a minute of a night watch is a second here; what its
rules say of hours is proved by `promtool` with hours that were written down (`test_alerts.py`).
"""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx

from tests.install.engine import KIT
from tests.install.headquarters import Headquarters, headquarters, running
from tests.install.machine import until
from tests.integration.demo.guest import Guest

_CONFIG = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [RULES]
scrape_configs:
"""


class Tower:
    """Who is watched, as `job`s named cloud, worker and box, and the Prometheus that does."""

    def __init__(self, url: str, office: Headquarters) -> None:
        self._url, self.office = url, office

    def ask(self, path: str, **params: str) -> Any:
        """`data` of what its API answers (https://prometheus.io/docs/prometheus/latest/querying/api/)."""
        answer = httpx.get(f"{self._url}/api/v1/{path}", params=params, timeout=60).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def series(self, expression: str) -> list[dict[str, Any]]:
        """Labels and value of all that an expression comes to now."""
        found: list[dict[str, Any]] = self.ask("query", query=expression)["result"]
        return found

    def rules(self) -> dict[str, dict[str, Any]]:
        """The kit's rules by name, as Prometheus finds them."""
        return {each["name"]: each for group in self.ask("rules")["groups"] for each in group["rules"]}

    def looks(self) -> bool:
        """Whether it hears everybody, and each has told something twice, so that rates are known."""
        with contextlib.suppress(httpx.HTTPError):
            return len(self.series("count_over_time(up[1m]) > 3 and up == 1")) == 3
        return False


def free_port() -> int:
    """One that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def tower(folder: Path) -> Iterator[Tower]:
    """All of it, after a guest has eaten and an owner has looked."""
    log, port = folder / "log", free_port()
    with contextlib.ExitStack() as stack:
        office = stack.enter_context(headquarters(folder, HOLDFAST_WORKS="no"))
        told = stack.enter_context(
            running(
                log,
                "cloud.cli",
                "worker",
                "--data",
                str(folder / "cloud"),
                "--json",
                DATABASE_URL=office.database,
            )
        )
        box = stack.enter_context(_box(folder / "box", office))
        targets = {"cloud": office.url, "worker": json.loads(told)["watched"], "box": box}
        url = stack.enter_context(_prometheus(folder, targets, port))
        looks = Tower(url, office)
        until(looks.looks, f"Prometheus to hear all three; see {folder}")
        asyncio.run(_evening(box, office))
        _business(office)
        yield looks


@contextlib.contextmanager
def _box(directory: Path, office: Headquarters) -> Iterator[str]:
    """A box with the sample venue's place, linked; where it is."""
    edge = (sys.executable, "-m", "edge.cli")
    claim = ("claim", "--data", str(directory), "--cloud", office.url, "--code", office.venue.claim_code)
    subprocess.run([*edge, *claim], check=True, capture_output=True)
    port = free_port()
    where = ("--data", str(directory), "--host", "127.0.0.1", "--port", str(port))
    with directory.with_suffix(".log").open("ab") as log:
        child = subprocess.Popen([*edge, "run", *where], stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: _has_its_menu(url), f"the box to have its menu; see {log.name}")
        yield url
    finally:
        child.kill()
        child.wait()


def _has_its_menu(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError, KeyError):
        return bool(httpx.get(f"{url}/menu", timeout=60).json()["items"])
    return False


@contextlib.contextmanager
def _prometheus(folder: Path, targets: dict[str, str], port: int) -> Iterator[str]:
    program = shutil.which("prometheus")
    if program is None:
        raise RuntimeError("prometheus is missing; `make test-install` brings it")
    jobs = "".join(
        f"  - {{job_name: {job}, static_configs: [{{targets: ['{url.partition('://')[2]}']}}]}}\n"
        for job, url in targets.items()
    )
    config = folder / "prometheus.yml"
    config.write_text(_CONFIG.replace("RULES", str(KIT / "alerts.yml")) + jobs)
    keep = f"--storage.tsdb.path={folder / 'kept'}"
    listen = f"--web.listen-address=127.0.0.1:{port}"
    with (folder / "prometheus.log").open("wb") as log:
        child = subprocess.Popen([program, f"--config.file={config}", keep, listen], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(60)


async def _evening(box: str, office: Headquarters) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        guest = await Guest(http, box).sit_down(office.venue.tables[0].code, office.venue.pass_word)
        await guest.order_something()


def _business(office: Headquarters) -> None:
    """The owner sees the order and has it exported, so that a job is done."""
    until(office.orders, "the order to arrive")
    asked = {"what": "orders", "format": "csv", "first": "2026-03-01", "last": "2026-03-02"}
    made = office.owner("POST", "exports", asked)
    ends = ("completed", "failed")
    until(lambda: office.owner("GET", f"exports/{made['export_id']}")["state"] in ends, "the export to end")
