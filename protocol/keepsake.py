"""What a box leaves with the cloud for the box that comes after it: pass words of devices, sealed.

Sealed to a recovery key whose private half nobody has but the owner, on paper: the cloud keeps bytes that it
cannot read, and gives them to the box in charge. Counterparts: `edge/effects/afar/keepsake.py` seals and
opens, `cloud/ingest/keepsake_door.py` keeps.
"""

PATH = "/api/edge/keepsake"
#: Addresses and pass words of hundreds of devices take a fraction of this.
MOST_BYTES = 256 * 1024
#: What a box signs in place of a body to be given what is kept.
ASKING = b"the keepsake"


def signed(venue_id: str, node_id: str, what: bytes) -> bytes:
    """What a box signs with its key (Ed25519): `what` is the sealed body, or `ASKING`."""
    return b"holdfast/keepsake/" + f"{venue_id}/{node_id}/".encode() + what
