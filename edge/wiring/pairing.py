"""A box that belongs to nobody yet shows a code, waits until an owner has typed it in, and takes its place.

    nothing ── a wish ──► asking ──► showing ── typed in ──► approved ──► claimed ──► bound
                            ^___ run out _____|

How far it is stands in `pairing.json` before the next step is taken, so the box may be killed anywhere: it
shows the same code again, asks for the same answer again, or finds its claim granted. The venue is served all
the while; only putting the place on the disk needs the journal to itself, and that asks nobody. A box that
has facts of its own keeps its journal and sends it up from the first; an empty one fetches a journal beside
its own, as one that begins anew does.

Counterparts: `edge/adapters/cloud/pairing.py` asks, `edge/web/installing/pairing_desk.py` shows,
`edge/lifetime/life.py` makes the turn.
"""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.cloud import pairing as asking
from edge.adapters.cloud.claiming import ClaimRefused, CloudAway, claim, load_key
from edge.adapters.cloud.pairing import CloudSilent, PairingRefused
from edge.journal.database import (
    Box,
    bind,
    give_to_owner,
    open_reader,
    open_writer,
    path_of,
    read_box,
    read_head,
)
from edge.journal.hot import Hot
from edge.journal.succession import NotEmpty
from edge.journal.writer import Writer
from edge.wiring import renewal
from protocol.pairing import House, Invited, PairingDone, PairingGiven, fingerprint
from protocol.snapshot import Claimed

FILE_NAME = "pairing.json"
#: How soon a wish that the command line left is seen, and how long a silent cloud is left alone.
_LOOK_EVERY_S = 0.5
_AGAIN_AFTER_S = 3.0

log = logging.getLogger(__name__)


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `pairing.json` holds. Only `cloud_url` is a wish; `ends_ms` is Unix time as this box sees it.

    `trouble` is what holds it up, for whoever looks on from another process.
    """

    cloud_url: str
    given: PairingGiven | None = None
    ends_ms: int = 0
    done: PairingDone | None = None
    claimed: Claimed | None = None
    trouble: str = ""


def read(directory: Path) -> Standing | None:
    """How far it is; None where nobody wished for anything."""
    try:
        return msgspec.json.decode((directory / FILE_NAME).read_bytes(), type=Standing)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError:
        forget(directory)  # torn by a full disk; the code it held runs out by itself
        return None


def write(directory: Path, standing: Standing) -> None:
    """On the disk before anything is built on it; for the box's own user alone."""
    path, partial = directory / FILE_NAME, directory / f"{FILE_NAME}.partial"
    partial.touch(mode=0o600)
    with partial.open("wb") as file:
        file.write(msgspec.json.encode(standing))
        file.flush()
        os.fsync(file.fileno())
    give_to_owner(partial)
    partial.replace(path)


def forget(directory: Path) -> None:
    """Back to nothing."""
    (directory / FILE_NAME).unlink(missing_ok=True)


def settle(directory: Path) -> bool:
    """Put a place that was granted on the disk; whether there was one. Nothing may have the journal open."""
    standing = read(directory)
    if standing is None or standing.done is None:
        return False
    if standing.claimed is not None:
        with closing(open_writer(directory, 0)) as connection:
            bind(connection, standing.claimed.venue_id, standing.claimed.epoch, standing.cloud_url)
    else:
        _drop_empty_journal(directory)
        if not renewal.finish(directory):
            return False
    forget(directory)
    log.warning("this box now serves %s, paired with %s", standing.done.venue_name, standing.cloud_url)
    return True


def _drop_empty_journal(directory: Path) -> None:
    """The one that a box makes at its first start; a fetched one stands ready in its stead."""
    if not renewal.ready(directory) or not path_of(directory).exists():
        return
    with closing(open_reader(directory)) as reader:
        empty = read_head(reader)[0] == 0 and read_box(reader).cloud_url is None
    if empty:
        for suffix in ("-wal", "-shm", ""):
            path_of(directory).with_name(path_of(directory).name + suffix).unlink(missing_ok=True)


def house_of(hot: Hot) -> str:
    """What the box serves from, as a cloud is told; empty where it serves nobody."""
    venue, book = hot.committed_venue(), hot.committed_menu()
    if venue is None:
        return ""
    return msgspec.json.encode(House(venue.config, book.menu if book else None)).decode()


def release() -> str:
    """For the owner to see."""
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return ""


class Pairing:
    """Of a box without a cloud. `run` returns once its place is granted and ready to be put on the disk."""

    def __init__(
        self,
        directory: Path,
        box: Box,
        key: Ed25519PrivateKey,
        head: Callable[[], int],
        house: Callable[[], str],
        usual_cloud: str = "",
    ) -> None:
        self._directory = directory
        self._box = box
        self._key = key
        self._head = head
        self._house = house
        self.usual_cloud = usual_cloud
        self._trouble = ""
        self._wished = asyncio.Event()

    # ── for whoever shows it ─────────────────────────────────────────────────────────────────────

    def invited(self) -> Invited:
        """What stands on the screen."""
        standing = read(self._directory) if self._box.cloud_url is None else None
        own = fingerprint(self._key.public_key().public_bytes_raw())
        if standing is None:
            return Invited("off", self.usual_cloud, fingerprint=own, trouble=self._trouble)
        given, done = standing.given, standing.done
        return Invited(
            "done" if done else "showing" if given else "asking",
            standing.cloud_url,
            given.user_code if given else "",
            given.verification_uri if given else "",
            max(0, (standing.ends_ms - time.time_ns() // 1_000_000) // 1000),
            own,
            done.venue_name if done else "",
            self._trouble or standing.trouble,
        )

    def begin(self, cloud_url: str) -> None:
        """Somebody wants a code; one that is on the screen already is left there."""
        standing = read(self._directory)
        if standing is None or (standing.cloud_url != cloud_url and standing.done is None):
            self._trouble = ""
            write(self._directory, Standing(cloud_url))
        self._wished.set()

    def end(self) -> None:
        """Nobody wants one any more; once an owner has said yes it is too late."""
        standing = read(self._directory)
        if standing is not None and standing.done is None:
            forget(self._directory)
        self._trouble = ""

    # ── the way ──────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Until the box has its place."""
        while True:
            standing = read(self._directory)
            try:
                if standing is None:
                    await self._rest(_LOOK_EVERY_S)
                elif standing.given is None:
                    await self._ask(standing)
                elif standing.done is None:
                    await self._poll(standing, standing.given)
                elif await self._claim(standing, standing.given):
                    return
            except (CloudSilent, CloudAway, OSError) as error:
                self._note(str(error))
                await self._rest(_AGAIN_AFTER_S)
            except (PairingRefused, ClaimRefused, NotEmpty) as error:
                log.warning("pairing came to nothing: %s", error)
                self._trouble = str(error)
                renewal.give_up(self._directory)
                forget(self._directory)

    async def _rest(self, most_s: float) -> None:
        """Until somebody presses a button, or for so long."""
        try:
            async with asyncio.timeout(most_s):
                await self._wished.wait()
        except TimeoutError:
            pass
        self._wished.clear()

    async def _ask(self, standing: Standing) -> None:
        given = await asking.ask(
            standing.cloud_url, self._key, self._box.node_id, self._head(), self._house(), release()
        )
        self._trouble = ""
        ends_ms = time.time_ns() // 1_000_000 + given.expires_s * 1000
        self._step(standing, msgspec.structs.replace(standing, given=given, ends_ms=ends_ms, trouble=""))
        log.warning("type %s into %s to pair this box", given.user_code, given.verification_uri)

    async def _poll(self, standing: Standing, given: PairingGiven) -> None:
        await self._rest(given.interval_s)
        if read(self._directory) != standing:
            return
        try:
            done = await asking.poll(standing.cloud_url, self._key, given.device_code)
        except PairingRefused as refusal:
            if refusal.code == "slow_down":
                slower = msgspec.structs.replace(given, interval_s=given.interval_s + 5)
                self._step(standing, msgspec.structs.replace(standing, given=slower))
            elif refusal.code == "rate_limited":
                self._note(str(refusal))
            elif refusal.code != "authorization_pending":
                raise
            else:
                self._note("")
            return
        self._step(standing, msgspec.structs.replace(standing, done=done))

    async def _claim(self, standing: Standing, given: PairingGiven) -> bool:
        """Whether the place is ready to be put on the disk."""
        if standing.claimed is not None:
            return True
        if not self._head():
            await renewal.prepare(self._directory, standing.cloud_url, given.device_code, self._key)
            return True
        claimed = await claim(standing.cloud_url, given.device_code, self._box, self._key, self._head())
        self._step(standing, msgspec.structs.replace(standing, claimed=claimed))
        return True

    def _note(self, trouble: str) -> None:
        """Remember what holds it up, also for the command line beside the box."""
        self._trouble = trouble
        standing = read(self._directory)
        if standing is not None and standing.trouble != trouble:
            with contextlib.suppress(OSError):  # a disk that is full is told elsewhere
                write(self._directory, msgspec.structs.replace(standing, trouble=trouble))

    def _step(self, before: Standing, after: Standing) -> None:
        """The next step, unless somebody called it off meanwhile."""
        if read(self._directory) == before:
            write(self._directory, after)


def beside(directory: Path, box: Box, writer: Writer, hot: Hot, usual_cloud: str) -> Pairing:
    """The pairing of a box at work."""
    key = load_key(directory / "node.key")
    return Pairing(directory, box, key, lambda: writer.durable_seq, lambda: house_of(hot), usual_cloud)
