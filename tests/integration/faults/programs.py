"""The product's own programs as processes that a test starts, kills and starts again at the same address.

Each runs on a leash, so it ends with the test run however that ends, and keeps a log that is quoted when it
does not come up. Ports lie below those from which a system dials out: a phone that keeps dialling an
address where nobody listens could otherwise be given that very port and end up talking to itself.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import aiohttp

from edge.demo.children import environment, leashed, tail
from edge.demo.record import is_free

_PORTS, _SHARES = range(10_000, 20_000), 20
#: `holdfast-edge` that dials again at once: how long it would wait is tested in `tests/unit/edge/adapters`.
_EAGER = (
    "import sys, edge.adapters.cloud.link.dialling as d; "
    "d.FIRST_BACKOFF_S = d.MOST_WELCOMED_S = d.MOST_BACKOFF_S = 0.3; "
    "from edge.cli import main; sys.exit(main(sys.argv[1:]))"
)
_UP_WITHIN_S = 60.0
_GONE_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.01


def _in_turn() -> Iterator[int]:
    """Ports of this worker's own share, round and round from anywhere."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = _PORTS[worker % _SHARES :: _SHARES]
    first = random.randrange(len(share))
    return cycle([*share[first:], *share[:first]])


_candidates = _in_turn()


def free_port() -> int:
    """A port on loopback that nobody listens on and that is never given to a connection going out.

    Nor to another program of this run, which may begin to listen much later than it got its port.
    """
    return next(port for port in _candidates if is_free("127.0.0.1", port))


class Program:
    """`python ARGUMENTS…`, with variables added to its environment."""

    def __init__(self, log: Path, arguments: list[str], extra: dict[str, str] | None = None) -> None:
        self._log = log
        self._arguments = arguments
        self._extra = extra or {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it; returns at once."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                leashed([sys.executable, *self._arguments]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(self._extra),
            )

    def kill(self) -> None:
        """Gone without a word."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ended in order; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        try:
            return process.wait(_GONE_WITHIN_S)
        finally:
            process.kill()

    @property
    def arguments(self) -> list[str]:
        """What `python` is called with."""
        return list(self._arguments)

    def has_died(self) -> bool:
        """Whether it was killed by a signal that is not to be caught."""
        return self._process is not None and self._process.poll() is not None

    def said(self) -> str:
        """Everything it has logged in all its lives."""
        return self._log.read_text(errors="replace")

    def errors(self) -> list[str]:
        """Lines of its log that tell of an error, in the box's way or the cloud's."""
        return [line for line in self.said().splitlines() if " ERROR " in line or '"level": "error"' in line]

    def check(self) -> None:
        """Fail with the end of its log if it has ended by itself."""
        assert self._process is not None, "it was not started"
        assert self._process.poll() is None, f"it ended by itself:\n{tail(self._log)}"


class Server(Program):
    """A program that answers on a port of its own."""

    def __init__(
        self, log: Path, arguments: list[str], port: int, extra: dict[str, str] | None = None
    ) -> None:
        super().__init__(log, arguments, extra)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    async def up(self) -> None:
        """Start it and wait until it is well."""
        self.start()
        await self.until_well()

    async def until_well(self) -> None:
        """Wait until it answers that loop and database work."""
        async with asyncio.timeout(_UP_WITHIN_S), aiohttp.ClientSession() as http:
            while not await self._well(http):
                self.check()
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _well(self, http: aiohttp.ClientSession) -> bool:
        with suppress(aiohttp.ClientError):
            async with http.get(f"{self.url}/healthz") as answer:
                return answer.status == 200
        return False


def edge_program(
    directory: Path,
    mqtt_url: str | None = None,
    extra: dict[str, str] | None = None,
    *,
    eager: bool = False,
) -> Server:
    """`holdfast-edge run` on a data directory; an `eager` one waits for a cloud no longer than it must."""
    port = free_port()
    arguments = ["-c", _EAGER] if eager else ["-m", "edge.cli"]
    arguments += ["--log-level", "warning", "run", "--data", str(directory)]
    arguments += ["--host", "127.0.0.1", "--port", str(port)]
    if mqtt_url is not None:
        arguments += ["--mqtt", mqtt_url]
    return Server(directory.with_suffix(".log"), arguments, port, extra)


def cloud_program(log: Path, database_url: str, extra: dict[str, str] | None = None) -> Server:
    """`holdfast-cloud run` on a database."""
    port = free_port()
    arguments = ["-m", "cloud", "run", "--port", str(port), "--json"]
    told = {"DATABASE_URL": database_url, "HOLDFAST_CLOUD_DATA": str(log.with_suffix(".data"))}
    return Server(log, arguments, port, {**told, **(extra or {})})
