"""Which box of a venue is in charge, as the boxes themselves tell one another on the venue's network.

A box that was replaced may be without internet, so that no cloud can tell it. It hears the new box's
announcement (DNS-SD TXT, RFC 6763 §6) instead, and has to be sure: a guest on the same network can announce
anything. What only the two boxes and the cloud know is the hash of the former journal at the place where the
new log begins. The new log's own beginning follows from it, and its keyed hash over what is announced is
the proof. Nobody learns the hash from it, and a copy of an old announcement says nothing that is not true.

Counterparts: `edge/adapters/devices/mdns.py` announces, `edge/effects/afar/rivals.py` hears.
"""

import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from protocol.facts.fact import renewed

#: Longest number that is read; a journal has no more places.
_MOST_DIGITS = 18


class Charge(msgspec.Struct, frozen=True):
    """The box `node_id` has the venue under `epoch`; its log goes on after the fact `base_seq` of another."""

    venue_id: str
    node_id: str
    epoch: int
    log_id: str
    base_seq: int = 0


def announced(charge: Charge, base_hash: bytes) -> dict[str, str]:
    """The TXT entries; `base_hash` is where the box's own log begins."""
    return {
        "venue": charge.venue_id,
        "node": charge.node_id,
        "epoch": str(charge.epoch),
        "log": charge.log_id,
        "base": str(charge.base_seq),
        "proof": _proof(charge, base_hash),
    }


def heard(txt: Mapping[str, str]) -> tuple[Charge, str] | None:
    """Who says to be in charge, and the proof, not looked at yet; None for what makes no sense."""
    epoch, base = txt.get("epoch", ""), txt.get("base", "")
    names = txt.get("venue", ""), txt.get("node", ""), txt.get("log", "")
    if not all(names) or not (_is_number(epoch) and _is_number(base)):
        return None
    venue_id, node_id, log_id = names
    return Charge(venue_id, node_id, int(epoch), log_id, int(base)), txt.get("proof", "")


def proven(charge: Charge, proof: str, former_hash: bytes) -> bool:
    """Whether the announcer knew a journal whose hash at `base_seq` was `former_hash`."""
    wanted = _proof(charge, renewed(former_hash, charge.log_id))
    return hmac.compare_digest(wanted.encode(), proof.encode(errors="replace"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _proof(charge: Charge, base_hash: bytes) -> str:
    said = msgspec.json.encode(charge)
    return hmac.digest(base_hash, b"holdfast/charge/" + said, hashlib.sha256).hex()
