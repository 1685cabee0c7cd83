"""The verdict on a box's hello: a pure comparison of what it says with what the database has.

    signature does not fit the claimed key, unknown node        unknown
    no protocol version in common                               upgrade
    a box of a higher epoch has the place                       fenced, replaced_by
    another epoch or log than the claim                         fenced
    another start of a box with this key speaks now             fenced; replaced_by once both are proven alive
    the box's journal ends before the cloud's copy, or the
    two differ where the box was last acknowledged, or where
    it disbelieved the last welcome                             resnapshot
    the cloud's copy ends before what it once acknowledged      resend    (the cloud was restored)
    otherwise                                                   ok

Only `ok` and `resend` let facts flow into the venue's books. A plain `fenced` is asked again later; with
`replaced_by` it is for good. A power cut leaves a connection behind that nobody speaks on any more, so a
second start is turned away softly until the first is silent, and for good only once the first was heard of
long after the second had knocked. The sentence is for the person who looks at the box's screen.
"""

import msgspec

from cloud.store.link.nodes import Node
from protocol.link import PROTOCOLS, Greeting

#: So long after its rival's knock a connection must be heard of before both are believed to be alive.
PROOF_S = 10.0
RIVAL = "Another box with this one's key is at work; was its card copied? Asking again in a moment."
_CLONE = "Two boxes have the same key: this card is a copy. The other box keeps the venue."


class Verdict(msgspec.Struct, frozen=True):
    """`word` as in `link.Welcome`; the protocol version both sides will speak."""

    word: str
    message: str = ""
    protocol: int = PROTOCOLS[1]
    replaced_by: int = 0

    @property
    def flows(self) -> bool:
        """Whether facts go into the venue's books."""
        return self.word in ("ok", "resend")


class Hashes(msgspec.Struct, frozen=True):
    """The cloud's hashes at the places that a greeting names; None where it has none."""

    acked: bytes | None
    forked: bytes | None = None


def judge(greeting: Greeting, node: Node, hashes: Hashes, proof_s: float = PROOF_S) -> Verdict:
    """The verdict on a box whose signature fits."""
    oldest, newest = max(greeting.protocols[0], PROTOCOLS[0]), min(greeting.protocols[1], PROTOCOLS[1])
    if oldest > newest:
        return Verdict("upgrade", f"The cloud speaks link versions {PROTOCOLS[0]} to {PROTOCOLS[1]}.")
    place = _place(greeting, node, proof_s) or _journal(greeting, node, hashes) or Verdict("ok")
    return msgspec.structs.replace(place, protocol=newest)


def _place(greeting: Greeting, node: Node, proof_s: float) -> Verdict | None:
    """Whether this box may speak for the venue at all."""
    if greeting.epoch != node.epoch or greeting.log_id != node.log_id:
        return Verdict("fenced", "This box was claimed with another journal or epoch; claim it again.")
    if node.epoch != node.charge_epoch:
        return Verdict("fenced", "Another box has taken over this venue.", replaced_by=node.charge_epoch)
    if node.alive and node.life and greeting.life and greeting.life != node.life:
        if node.rival_life == greeting.life and node.outlived_s > proof_s:
            return Verdict("fenced", _CLONE, replaced_by=node.epoch)
        return Verdict("fenced", RIVAL)
    return None


def _journal(greeting: Greeting, node: Node, hashes: Hashes) -> Verdict | None:
    """Whether its journal goes on where the cloud's copy ends."""
    if greeting.tail_seq < node.durable_seq:
        return Verdict("resnapshot", "This box has lost facts that the cloud holds.")
    other = "This box's journal is not the one that the cloud holds."
    if greeting.forked_seq and hashes.forked not in (None, greeting.forked_hash):
        return Verdict("resnapshot", other)
    if greeting.acked_seq > node.durable_seq:
        return Verdict("resend", "The cloud was restored to an earlier point.")
    if greeting.acked_seq > 0 and hashes.acked != greeting.acked_hash:
        return Verdict("resnapshot", other)
    return None
