"""`/api/edge/snapshot`: what a box that takes a place over is given of its venue, in pieces it can resume.

The claim has fenced the box before it, so the venue's books stand still until the new one speaks: a snapshot
is cut once, kept in Postgres, and any process can serve any piece of it. Whoever has the code with which the
box was claimed may fetch it, until the box has sent its first fact.

Counterpart: `edge/adapters/cloud/claiming.py`.
"""

import asyncio
import re
from uuid import UUID

import asyncpg
import msgspec
import structlog
import zstandard
from aiohttp import web

from cloud.config import Config
from cloud.ingest.claim import code_digest
from cloud.store.link import claims, snapshots
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol import snapshot
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.snapshot import Carried, ChunkPlace, Manifest, SnapshotRequest

log = structlog.get_logger()

MANIFEST = Route(
    method="POST",
    path="/api/edge/snapshot",
    summary="What a box that took over has to download. The first call cuts the snapshot.",
    request=SnapshotRequest,
    response=Manifest,
    errors=("claim_unknown", "snapshot_gone", "rate_limited"),
)
CHUNK = Route(
    method="GET",
    path="/api/edge/snapshot/{place}",
    summary="One piece, as its manifest names it. Bearer: the claim code, a dot, the node's id.",
    media="application/octet-stream",
    errors=("claim_unknown", "snapshot_gone"),
)
_decoder = msgspec.json.Decoder(SnapshotRequest)
_LEVEL = 6
_PLACE = re.compile("[0-9]{1,9}", re.ASCII)


class Snapshots:
    """The handlers and what they need."""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(MANIFEST, self.manifest), (CHUNK, self.chunk)]

    async def manifest(self, request: web.Request) -> web.Response:
        """Refuses with `claim_unknown`, `snapshot_gone` or `rate_limited`."""
        address = caller(request, behind_proxy=self._config.behind_proxy)
        await limits.check(self._pool, limits.SNAPSHOT_BY_ADDRESS, address)
        wanted = await body_of(request, _decoder)
        venue_id, node_id = await self._claimed(wanted.code, wanted.node_id)
        async with self._pool.acquire() as connection, connection.transaction():
            node = await snapshots.lock(connection, venue_id, node_id)
            if node is None or not node["base_seq"]:
                raise Refused(refuse("snapshot_gone"))
            found = await snapshots.find(connection, venue_id, node_id)
            if found is None:
                base = node["base_seq"], node["base_hash"]
                found = await _cut(connection, venue_id, node_id, base)
                log.info("snapshot_cut", venue_id=venue_id, facts=found.facts, chunks=len(found.chunks))
        return answer(found)

    async def chunk(self, request: web.Request) -> web.Response:
        """Refuses with `claim_unknown` or `snapshot_gone`."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        code, _, node_id = token.partition(".")
        if scheme.lower() != "bearer":
            raise Refused(refuse("claim_unknown"))
        venue_id, node_id = await self._claimed(code, node_id)
        named = request.match_info["place"]
        place = int(named) if _PLACE.fullmatch(named) else -1
        body = await snapshots.chunk(self._pool, venue_id, node_id, place)
        if body is None:
            raise Refused(refuse("snapshot_gone"))
        return web.Response(body=body, content_type="application/octet-stream")

    async def _claimed(self, code: str, node_id: str) -> tuple[str, str]:
        try:
            found = await claims.claimed_with(self._pool, code_digest(code[:100]), str(UUID(node_id)))
        except ValueError:
            found = None
        if found is None:
            raise Refused(refuse("claim_unknown"))
        return found


async def _cut(
    connection: asyncpg.Connection, venue_id: str, node_id: str, base: tuple[int, bytes]
) -> Manifest:
    """Select, pack and keep; memory holds one chunk at a time."""
    await connection.execute(f"SET LOCAL statement_timeout = {snapshots.CUT_WITHIN_S * 1000:.0f}")
    await snapshots.begin(connection, venue_id, node_id)
    chunks: list[ChunkPlace] = []
    gathered: list[Carried] = []
    facts = 0
    async for fact in snapshots.carried(connection, venue_id):
        gathered.append(fact)
        facts += 1
        if len(gathered) == snapshot.FACTS_A_CHUNK:
            chunks.append(await _keep(connection, (venue_id, node_id), len(chunks), gathered))
            gathered = []
    if gathered:
        chunks.append(await _keep(connection, (venue_id, node_id), len(chunks), gathered))
    manifest = Manifest(
        base_seq=base[0],
        base_hash=base[1],
        facts=facts,
        numbers=await snapshots.numbers(connection, venue_id),
        levels=await snapshots.levels(connection, venue_id),
        chunks=tuple(chunks),
        left_out=await snapshots.left_out(connection, venue_id),
    )
    await snapshots.finish(connection, venue_id, node_id, manifest)
    return manifest


async def _keep(
    connection: asyncpg.Connection, box: tuple[str, str], place: int, facts: list[Carried]
) -> ChunkPlace:
    body = await asyncio.to_thread(_packed, facts)
    await snapshots.add(connection, *box, place, body)
    return ChunkPlace(snapshot.name_of(body), len(body))


def _packed(facts: list[Carried]) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(snapshot.encode_chunk(facts))
