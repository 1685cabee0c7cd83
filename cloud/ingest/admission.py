"""From a hello to a welcome: the signature, the verdict, and taking the box's row for this connection.

A box proves itself by signing the challenge with the key it was claimed with. Whoever cannot is told
`fenced` and nothing about the venue. The newest connection of a box wins: its name goes into the node's
row, and an older one that is still open somewhere finds that it has been replaced.
"""

from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.ingest.books import Books, Page
from cloud.ingest.judgement import Verdict, judge
from cloud.ingest.ledger import Ledger
from cloud.store.facts import Uuid
from cloud.store.nodes import Node
from cloud.store.streams import Mark
from protocol import link
from protocol.link_machine import Judge

_STRANGER = Verdict("fenced", "The cloud does not know this box; claim it with a code from the owner's page.")


class Admitted(msgspec.Struct, frozen=True):
    """What the welcome says, and for a box that may stay its node and a cold ledger."""

    verdict: Verdict
    incarnation: str
    node: Node | None = None
    ledger: Ledger | None = None


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


async def admit(books: Books, hello: Judge, connection_name: str) -> Admitted:
    """Judge a hello against the database; for `ok` and `resend` this connection now speaks for the box."""
    greeting = hello.greeting
    async with books.transaction() as page:
        incarnation = await page.incarnation()
        if not (_is_uuid(greeting.venue_id) and _is_uuid(greeting.node_id)):
            return Admitted(_STRANGER, incarnation)
        node = await page.find(greeting.venue_id, greeting.node_id)
        if node is None or not _signed(node, hello):
            return Admitted(_STRANGER, incarnation)
        verdict = judge(greeting, node, await _hash_at(page, node, greeting.acked_seq))
        if verdict.word not in ("ok", "resend"):
            await page.turned_away(node, verdict.message)
            return Admitted(verdict, incarnation)
        node = await page.take(node, connection_name, greeting.tail_seq, greeting.clock_trusted)
        await _mark(page, node, greeting.down_cursors)
        venue_id = Uuid(node.venue_id)
        ledger = Ledger(venue_id, Uuid(node.log_id), await page.quarantined(venue_id))
        return Admitted(verdict, incarnation, node, ledger)


async def _mark(page: Page, node: Node, cursors: dict[str, int]) -> None:
    """What the box has applied without living to say so: an entry is sent once, so nobody would ask again."""
    for stream in link.STREAMS:
        if seq := cursors.get(stream):
            await page.applied(node.venue_id, node.node_id, Mark(stream, seq))


async def _hash_at(page: Page, node: Node, seq: int) -> bytes | None:
    """The cloud's hash at `seq`; None where it has none."""
    if seq == node.durable_seq:
        return node.durable_hash
    return await page.hash_at(node, seq)
