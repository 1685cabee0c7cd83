"""From a hello to a welcome: the signature, the verdict, and taking the box's row for this connection.

A box proves itself by signing the challenge with the key it was claimed with. Whoever cannot is told
`unknown` and nothing about the venue. The newest connection of a box wins: its name goes into the node's
row, and an older one that is still open somewhere finds that it has been replaced.
"""

import secrets
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.ingest.books import Books, Page
from cloud.ingest.claim import code_digest
from cloud.ingest.judgement import PROOF_S, Hashes, Verdict, judge
from cloud.ingest.ledger import Ledger
from cloud.store.link.facts import Uuid
from cloud.store.link.nodes import Node
from cloud.store.link.streams import Mark
from protocol import link
from protocol.facts.fact import genesis
from protocol.identity import readable_code
from protocol.link import Greeting
from protocol.link_machine import Judge

_STRANGER = Verdict(
    "unknown", "The cloud does not know this box; claim it with a code from the owner's page."
)
_TICKET_LETTERS = 24
_TICKET_HOURS = 24


class Admitted(msgspec.Struct, frozen=True):
    """What the welcome says, and for a box that may stay its node and a cold ledger.

    An orphaned box gets its node and no ledger; `start` is where it may go on sending from.
    """

    verdict: Verdict
    incarnation: str
    node: Node | None = None
    ledger: Ledger | None = None
    start: tuple[int, bytes] = (0, b"")
    ticket: str = ""


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _signed(node: Node, hello: Judge) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(node.public_key).verify(hello.signature, hello.signed)
    except InvalidSignature:
        return False
    return True


async def admit(books: Books, hello: Judge, connection_name: str, proof_s: float = PROOF_S) -> Admitted:
    """Judge a hello against the database; for `ok` and `resend` this connection now speaks for the box."""
    greeting = hello.greeting
    async with books.transaction() as page:
        incarnation = await page.incarnation()
        if not (_is_uuid(greeting.venue_id) and _is_uuid(greeting.node_id)):
            return Admitted(_STRANGER, incarnation)
        node = await page.find(greeting.venue_id, greeting.node_id)
        if node is None or not _signed(node, hello):
            return Admitted(_STRANGER, incarnation)
        hashes = Hashes(
            await _hash_at(page, node, greeting.acked_seq), await _hash_at(page, node, greeting.forked_seq)
        )
        verdict = judge(greeting, node, hashes, proof_s)
        if not verdict.flows:
            return await _turn_away(page, hello, node, verdict, hashes, incarnation)
        if await _went_back(page, greeting, verdict, incarnation):
            if greeting.incarnation_seen == incarnation:
                # This life of the database has told more than it now holds, so it is not the same life.
                incarnation = await page.reincarnate()
            await page.outrun(node.venue_id, node.node_id, _cursors(greeting))
        tail_seq, clock_trusted = greeting.tail_seq, greeting.clock_trusted
        node = await page.take(node, connection_name, tail_seq, clock_trusted, greeting.life)
        await _mark(page, node, greeting.down_cursors)
        venue_id = Uuid(node.venue_id)
        ledger = Ledger(venue_id, Uuid(node.log_id), await page.quarantined(venue_id))
        return Admitted(verdict, incarnation, node, ledger, (node.durable_seq, node.durable_hash))


async def _went_back(page: Page, greeting: Greeting, verdict: Verdict, incarnation: str) -> bool:
    """Whether the database has been restored to an earlier time since this box was last here."""
    other = greeting.incarnation_seen not in ("", incarnation)
    return verdict.word == "resend" or other or await page.behind(greeting.venue_id, _cursors(greeting))


def _cursors(greeting: Greeting) -> dict[str, int]:
    """Of the streams that there are, whatever a box may name."""
    return {stream: seq for stream, seq in greeting.down_cursors.items() if stream in link.STREAMS}


async def _turn_away(
    page: Page, hello: Judge, node: Node, verdict: Verdict, hashes: Hashes, incarnation: str
) -> Admitted:
    """The owner sees why; an orphan may send what it has, and a box that lost facts gets a ticket."""
    greeting = hello.greeting
    await page.turned_away(node, verdict.message)
    if node.alive and greeting.life != (node.life or ""):
        await page.rival(node, greeting.life)
    if verdict.replaced_by:
        start = await _last_common(page, greeting, node, hashes)
        return Admitted(verdict, incarnation, node, start=start)
    if verdict.word == "resnapshot" and verdict.protocol >= 2:
        ticket = readable_code(secrets.token_bytes(_TICKET_LETTERS), _TICKET_LETTERS)
        await page.ticket(node, code_digest(ticket), _TICKET_HOURS)
        return Admitted(verdict, incarnation, ticket=ticket)
    return Admitted(verdict, incarnation)


async def _last_common(page: Page, greeting: Greeting, node: Node, hashes: Hashes) -> tuple[int, bytes]:
    """Where an orphan's own facts begin: after what was acknowledged to it, if that is what we hold."""
    acked = greeting.acked_seq, greeting.acked_hash
    if greeting.acked_seq and (hashes.acked == acked[1] or await page.holds_orphan(node, *acked)):
        return acked
    return node.base_seq, node.base_hash or genesis(node.log_id)


async def _mark(page: Page, node: Node, cursors: dict[str, int]) -> None:
    """What the box has applied without living to say so: an entry is sent once, so nobody would ask again."""
    for stream in link.STREAMS:
        if seq := cursors.get(stream):
            await page.applied(node.venue_id, node.node_id, Mark(stream, seq))


async def _hash_at(page: Page, node: Node, seq: int) -> bytes | None:
    """The cloud's hash at `seq`; None where it has none."""
    if seq == node.durable_seq:
        return node.durable_hash
    return await page.hash_at(node, seq) if seq else None
