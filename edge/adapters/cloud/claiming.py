"""Binding this box to a venue: its key, the single-use code, and what it is given of a venue that had a box.

Everything here may be cut at any point and be asked for again: a claim by the same box with the same code
gets the same answer, and pieces of a snapshot that are on disk with the right hash are not fetched twice. The
journal becomes this venue's in one transaction at the very end.

Counterparts: `cloud/ingest/claim.py`, `cloud/ingest/snapshot.py`, `edge/journal/succession.py`.
"""

import asyncio
import base64
import random
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import msgspec
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.journal import succession
from edge.journal.database import Box, bind, open_writer, read_box, read_charge, read_head
from protocol import link, snapshot
from protocol.snapshot import Carried, Claimed, Manifest, Standing

#: Pieces of a snapshot that are being fetched, in the data directory.
PIECES = "snapshot"
_WITHIN_S = 60.0
#: Cutting a snapshot of a long-lived venue takes the cloud a while.
_CUT_WITHIN_S = 600.0
_ATTEMPTS = 8
_MOST_BACKOFF_S = 20.0


class ClaimRefused(Exception):
    """The cloud did not bind this box to a venue; the text says why, and `code` to programs."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(words)
        self.code = code


class CloudAway(ClaimRefused):
    """The cloud could not be reached; asking again may help, and what was fetched is kept."""


class TakenOver(msgspec.Struct, frozen=True):
    """The box has its place. `facts` were carried over; `left_out` names what could not be."""

    venue_id: str
    epoch: int
    facts: int = 0
    left_out: tuple[str, ...] = ()


def load_key(path: Path) -> Ed25519PrivateKey:
    """The box's own key, made on first use, readable by its user only (RFC 8032 seed, 32 bytes)."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def standing_of(connection: sqlite3.Connection) -> Standing | None:
    """The place that the box of a journal has, for a cloud that may not know it any more."""
    box, (base_seq, base_hash) = read_box(connection), read_charge(connection)
    if box.venue_id is None:
        return None
    return Standing(box.venue_id, box.node_id, box.log_id, box.epoch, base_seq, base_hash)


async def take_over(
    directory: Path, cloud_url: str, code: str, key: Ed25519PrivateKey, standing: Standing | None = None
) -> TakenOver:
    """Claim a place for the box of a data directory, with whatever the venue's former box had synced.

    A box that has a place and gets it again keeps its journal. `standing` is the place of a former journal
    of this box, which may be sent as orphans then.

    Raises `ClaimRefused`, `CloudAway`, `succession.NotEmpty` or `DatabaseUnusable`.
    """
    connection = open_writer(directory, 0)
    try:
        box, tail_seq = read_box(connection), read_head(connection)[0]
        stood = standing_of(connection)
        claimed = await claim(cloud_url, code, box, key, tail_seq, stood or standing)
        if not claimed.base_seq or (stood is not None and tail_seq):
            bind(connection, claimed.venue_id, claimed.epoch, cloud_url)
            return TakenOver(claimed.venue_id, claimed.epoch)
    finally:
        connection.close()
    pieces = directory / PIECES
    pieces.mkdir(exist_ok=True)
    fetch = _Fetching(cloud_url, code, box.node_id, pieces)
    manifest = await fetch.all()
    chunks = fetch.chunks(manifest)
    settled = await asyncio.to_thread(succession.settle, directory, claimed, cloud_url, manifest, chunks)
    for piece in pieces.iterdir():
        piece.unlink()
    pieces.rmdir()
    return TakenOver(claimed.venue_id, claimed.epoch, settled.facts, settled.left_out)


async def claim(
    cloud_url: str,
    code: str,
    box: Box,
    key: Ed25519PrivateKey,
    tail_seq: int = 0,
    standing: Standing | None = None,
) -> Claimed:
    """Ask for a venue with a single-use code. Raises `ClaimRefused` or `CloudAway`."""
    body = {
        "code": code,
        "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        "node_id": box.node_id,
        "log_id": box.log_id,
        "tail_seq": tail_seq,
        "protocol": link.PROTOCOLS[1],
        **({"standing": msgspec.to_builtins(standing)} if standing else {}),
    }
    raw = await _ask(f"{cloud_url}/api/edge/claim", body, _WITHIN_S)
    try:
        return msgspec.json.decode(raw, type=Claimed)
    except msgspec.DecodeError as error:
        raise ClaimRefused(f"{cloud_url} answered something else than a claim: {error}") from error


async def _ask(address: str, body: dict[str, object], within_s: float) -> bytes:
    """The body of an answer that is not a refusal."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=within_s)) as session,
            session.post(address, json=body) as response,
        ):
            raw = await response.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise CloudAway(f"The cloud does not answer at {address}: {error}") from error
    if response.status == 200:
        return raw
    raise (CloudAway if response.status >= 500 else ClaimRefused)(*_words(raw, address))


def _words(raw: bytes, address: str) -> tuple[str, str]:
    """A refusal's message and code."""
    try:
        error = msgspec.json.decode(raw, type=dict)["error"]
        return str(error["message"]), str(error["code"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"{address} answered something strange; is it a Holdfast cloud?", ""


class _Fetching:
    """Downloads the pieces of one snapshot into a directory, again and again until all are right."""

    def __init__(self, cloud_url: str, code: str, node_id: str, pieces: Path) -> None:
        self._address = f"{cloud_url}/api/edge/snapshot"
        self._headers = {"Authorization": f"Bearer {code}.{node_id}"}
        self._wanted = {"code": code, "node_id": node_id}
        self._pieces = pieces

    async def all(self) -> Manifest:
        """Everything on disk, each piece under its hash. Raises `ClaimRefused` or `CloudAway`."""
        for attempt in range(_ATTEMPTS):
            try:
                return await self._once()
            except CloudAway:
                if attempt == _ATTEMPTS - 1:
                    raise
                await asyncio.sleep(random.uniform(0, min(_MOST_BACKOFF_S, 0.5 * 2**attempt)))
        raise AssertionError("unreachable")

    async def _once(self) -> Manifest:
        raw = await _ask(self._address, dict(self._wanted), _CUT_WITHIN_S)
        try:
            manifest = msgspec.json.decode(raw, type=Manifest)
        except msgspec.DecodeError as error:
            raise ClaimRefused(f"{self._address} answered something else than a snapshot: {error}") from error
        timeout = aiohttp.ClientTimeout(total=_WITHIN_S)
        async with aiohttp.ClientSession(timeout=timeout, headers=self._headers) as session:
            for place, chunk in enumerate(manifest.chunks):
                if not self._there(place, chunk.sha256):
                    await self._fetch(session, place, chunk.sha256)
        return manifest

    def _path(self, place: int) -> Path:
        return self._pieces / f"{place:06}"

    def _there(self, place: int, sha256: str) -> bool:
        path = self._path(place)
        return path.exists() and snapshot.name_of(path.read_bytes()) == sha256

    async def _fetch(self, session: aiohttp.ClientSession, place: int, sha256: str) -> None:
        try:
            async with session.get(f"{self._address}/{place}") as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise CloudAway(f"The snapshot was cut at piece {place}: {error}") from error
        if response.status != 200:
            raise (CloudAway if response.status >= 500 else ClaimRefused)(*_words(body, self._address))
        if snapshot.name_of(body) != sha256:
            raise CloudAway(f"Piece {place} of the snapshot arrived damaged.")
        partial = self._path(place).with_suffix(".partial")
        partial.write_bytes(body)
        partial.replace(self._path(place))

    def chunks(self, manifest: Manifest) -> Iterator[tuple[Carried, ...]]:
        """The facts, piece by piece."""
        for place in range(len(manifest.chunks)):
            packed = zstandard.ZstdDecompressor(max_window_size=snapshot.MOST_CHUNK_BYTES)
            piece = self._path(place).read_bytes()
            try:
                body = packed.decompress(piece, max_output_size=snapshot.MOST_CHUNK_BYTES)
                facts = snapshot.chunk_decoder.decode(body)
            except (zstandard.ZstdError, msgspec.DecodeError) as error:
                raise ClaimRefused(f"Piece {place} of the snapshot makes no sense: {error}") from error
            yield facts
