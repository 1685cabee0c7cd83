"""The makers of releases, who sign; and root on a box, who takes up what the box asks for.

Root copies and verifies as `holdfast-provision upgrade --asked` does and writes the same progress. That a
release is really installed, started, watched and taken back is tried on booted systems (`tests/install`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from cloud.config import Config
from cloud.jobs.blobs import Blobs
from cloud.operations import releases
from edge.provision.asked import WANTED, Wanted, carry, take_note
from edge.provision.bundle import seal
from edge.provision.release import make_key, sign
from edge.provision.upgrade import Progress
from protocol.upgrade import Standing
from tests.integration.afar.linked import Linked, eventually, linked

IN_USE = "0.2.0"
LIBRARY = b"a library that stays as it is\n" * 40_000


class Makers:
    """With a pair of keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.private, self.public = make_key()

    def release(self, version: str, private: str | None = None, body: bytes = b"") -> Path:
        """A signed bundle: the release's own wheel and a library that all releases have."""
        bundle = self.folder / f"{version}-{len(list(self.folder.glob('*')))}"
        (bundle / "wheels").mkdir(parents=True)
        wheel = body or f"release {version}\n".encode() * 60_000
        (bundle / f"wheels/holdfast-{version}-py3-none-any.whl").write_bytes(wheel)
        (bundle / "wheels/library-1.0-py3-none-any.whl").write_bytes(LIBRARY)
        seal(bundle, version)
        sign(bundle, private or self.private)
        return bundle


class Root:
    """The box's system. `home` is where releases are."""

    def __init__(self, home: Path, data: Path, makers: Makers) -> None:
        self.home = home
        self.data = data
        self.key = home / "release.pub"
        self._makers = makers
        (home / "releases" / IN_USE).mkdir(parents=True)
        self.key.write_text(f"{makers.public}\n")
        self.switch(IN_USE)
        former = home / "bundles" / IN_USE / "wheels"
        former.mkdir(parents=True)
        (former / "library-1.0-py3-none-any.whl").write_bytes(LIBRARY)

    def switch(self, version: str) -> None:
        """What shall be in use."""
        link = self.home / "current.new"
        link.symlink_to(self.home / "releases" / version)
        link.replace(self.home / "current")

    def note(self, progress: Progress) -> None:
        """As `Upgrade` writes it."""
        (self.home / "upgrade.json").write_bytes(msgspec.json.encode(progress))

    async def take_up(self) -> Wanted:
        """Wait until the box asks for a release, and copy and verify it."""

        async def asked() -> bool:
            return (self.data / WANTED).exists()

        await eventually(asked)
        wanted = take_note(self.data)
        assert wanted is not None
        carry(self.data, wanted.version, self.home / "bundles" / wanted.version, self._makers.public)
        return wanted


class Stand:
    """The linked venue, with words for releases."""

    def __init__(self, at: Linked, config: Config) -> None:
        self.at = at
        self.blobs = Blobs.of(config)

    async def add(self, bundle: Path, makers: Makers, ring: str = "all", source: str = "") -> str:
        """Take a release in and open it; its version."""
        pool = self.at.cloud.pool
        release = await releases.add(pool, self.blobs, bundle, makers.public, "any", source)
        await releases.open_for(pool, release.version, ring)
        self.look()
        return release.version

    def look(self) -> None:
        """The box looks at once, and asks the cloud."""
        self.at.box.app.upgrades.upgrading.look()

    @property
    def standing(self) -> Standing:
        """As the box sees itself."""
        return self.at.box.app.upgrades.upgrading.standing

    async def until(self, state: str | None, version: str = "") -> dict[str, Any]:
        """Wait until the owner's page says that the box is there; what else it says."""

        async def so() -> bool:
            box = (await self.shown())["box"]
            return (box["state"], box["version"]) == (state or "", version)

        await eventually(so)
        return await self.shown()

    async def shown(self) -> dict[str, Any]:
        """What the owner's page is told of the box's releases."""
        told: dict[str, Any] = await self.at.owner("GET", "release")
        return told

    async def order(self, **ask: Any) -> str:
        """The owner says *now*; the command's id."""
        ttl_s = ask.pop("ttl_s", 900)
        return await self.at.ask({"kind": "upgrade", **ask}, ttl_s=ttl_s)

    async def restart_as(self, version: str, root: Root) -> None:
        """The box comes up as another release."""
        await self.at.box.off()
        root.switch(version)
        await self.at.box.on(self.at.tasks)


@asynccontextmanager
async def stand(
    directory: Path, database: str, config: Config, root: Root, makers: Makers
) -> AsyncIterator[Stand]:
    """Everything at work; the box asks and looks all the time."""
    async with linked(directory, database, config) as at:
        at.box.settings.update(
            releases=root.home, release_key=root.key, release_ask_s=0.2, release_look_s=0.05
        )
        await at.restart()
        yield Stand(at, config)


class Mirror:
    """Somebody's web server with a bundle on it, which breaks off as often as it is told to.

    It speaks HTTP byte by byte, so that a line that dies in the middle of a file is really that.
    """

    def __init__(self, bundle: Path) -> None:
        self._bundle = bundle
        #: Bytes after which an answer breaks off; one a connection.
        self.breaks: list[int] = []
        #: What was asked for: path and first byte.
        self.asked: list[tuple[str, int]] = []
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Mirror"]:
        """At a free port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bundle"
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        path = head[0].split()[1].removeprefix("/bundle/")
        begins = next((int(line[13:-1]) for line in head if line.lower().startswith("range: bytes=")), 0)
        self.asked.append((path, begins))
        body = (self._bundle / path).read_bytes()
        status = "206 Partial Content" if begins else "200 OK"
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) - begins}", "Connection: close"]
        if begins:
            lines.append(f"Content-Range: bytes {begins}-{len(body) - 1}/{len(body)}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        most = self.breaks.pop(0) if self.breaks else len(body)
        writer.write(body[begins : begins + most])
        await writer.drain()
        writer.close()
