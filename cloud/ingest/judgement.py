"""The verdict on a box's hello: a pure comparison of what it says with what the database has.

    signature does not fit the claimed key, unknown node       fenced
    no protocol version in common                              upgrade
    another epoch or log than the claim, or a newer box        fenced
    the box's journal ends before the cloud's copy, or the
    two differ where the box was last acknowledged             resnapshot
    the cloud's copy ends before what it once acknowledged     resend    (the cloud was restored)
    otherwise                                                  ok

Only `ok` and `resend` let facts flow. The sentence is for the person who looks at the box's screen.
"""

import msgspec

from cloud.store.nodes import Node
from protocol.link import PROTOCOLS, Greeting


class Verdict(msgspec.Struct, frozen=True):
    """`word` as in `link.Welcome`; the protocol version both sides will speak."""

    word: str
    message: str = ""
    protocol: int = PROTOCOLS[1]


def judge(greeting: Greeting, node: Node, acked_hash: bytes | None) -> Verdict:
    """The verdict on a box whose signature fits. `acked_hash` is the cloud's at its `acked_seq`, if any."""
    oldest, newest = max(greeting.protocols[0], PROTOCOLS[0]), min(greeting.protocols[1], PROTOCOLS[1])
    if oldest > newest:
        return Verdict("upgrade", f"The cloud speaks link versions {PROTOCOLS[0]} to {PROTOCOLS[1]}.")
    if node.epoch != node.charge_epoch:
        return Verdict("fenced", "Another box has taken over this venue.", newest)
    if greeting.epoch != node.epoch or greeting.log_id != node.log_id:
        return Verdict(
            "fenced", "This box was claimed with another journal or epoch; claim it again.", newest
        )
    if greeting.tail_seq < node.durable_seq:
        return Verdict("resnapshot", "This box has lost facts that the cloud holds.", newest)
    if greeting.acked_seq > node.durable_seq:
        return Verdict("resend", "The cloud was restored to an earlier point.", newest)
    if greeting.acked_seq > 0 and acked_hash != greeting.acked_hash:
        return Verdict("resnapshot", "This box's journal is not the one that the cloud holds.", newest)
    return Verdict("ok", "", newest)
