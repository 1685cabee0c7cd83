"""Pairing: a box shows a code, an owner types it into the dashboard, and the box has its place (RFC 8628).

    box ── PairingRequest ──► cloud ── PairingGiven ──► box shows `user_code`
    owner ── the code and where it shall be ──► cloud
    box ── PollRequest, every `interval_s` ──► cloud ── authorization_pending … PairingDone

The short code is for people: single-use, good for minutes, of letters that cannot be mixed up. The long
`device_code` is for the box alone; once an owner has said yes it is the claim code with which this very box,
and no other, claims its place. So the cloud keeps nothing but digests, and a box that is killed at any point
asks again and gets the same answer. The box signs with its own key (Ed25519, RFC 8032), so nobody can ask in
the name of a key that is not theirs.

Counterparts: `edge/wiring/pairing.py`, `cloud/ingest/pairing.py`, `cloud/owners/venues/pairing.py`.
"""

import hashlib
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from protocol.facts.menu import Menu, flaw
from protocol.facts.venue import VenueConfig
from protocol.identity import CODE_LETTERS
from protocol.link import Place

USER_CODE_LETTERS = 8
#: 27 letters to the 32nd is beyond guessing (152 bits).
DEVICE_CODE_LETTERS = 32
EXPIRES_S = 600
INTERVAL_S = 5
#: What RFC 8628 §3.5 adds to the interval of one who asks too often.
SLOWER_BY_S = 5
#: A configuration and a menu of two thousand dishes fit.
MOST_REQUEST_BYTES = 1024 * 1024
#: Restaurant numbers that a box gives itself; the cloud's own count from one and never come here.
OWN_NUMBERS = range(1_000_000_000, 2_000_000_000)


class House(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a box serves from that no cloud knows yet."""

    config: VenueConfig
    menu: Menu | None = None


class PairingRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A box asks for a code. `public_key` is base64 of 32 bytes, `signature` base64 of what `asking` gives.

    `tail_seq` is how many facts it has journalled by itself; with any, it brings its `house` along and can
    only become a place of its own. `release` is for the owner to see.
    """

    public_key: str
    node_id: UUID
    tail_seq: Place
    signature: str
    release: Annotated[str, msgspec.Meta(max_length=60)] = ""
    house: str = ""


class PairingGiven(msgspec.Struct, frozen=True):
    """As RFC 8628 §3.2. Show `user_code`, poll with `device_code` every `interval_s`, for `expires_s`."""

    device_code: str
    user_code: str
    expires_s: int
    interval_s: int
    verification_uri: str


class PollRequest(msgspec.Struct, frozen=True):
    """`signature` is base64 over what `polling` gives, by the key that asked."""

    device_code: str
    signature: str


class PairingDone(msgspec.Struct, frozen=True):
    """An owner said yes: claim with the device code. `replaces` says that a former box ends by it."""

    venue_id: str
    venue_name: str
    replaces: bool


class PairingWish(msgspec.Struct, frozen=True):
    """`POST /api/v1/pairing`: show a code; at the cloud of the box's own settings, if none is named."""

    cloud_url: Annotated[str, msgspec.Meta(max_length=300)] = ""


class Invited(msgspec.Struct, frozen=True):
    """What the box tells the people before it. `state` is `off`, `asking`, `showing` or `done`.

    `expires_s` are left of the code; `trouble` says in words why nothing comes of it at present.
    """

    state: Literal["off", "asking", "showing", "done"]
    cloud_url: str = ""
    user_code: str = ""
    verification_uri: str = ""
    expires_s: int = 0
    fingerprint: str = ""
    venue_name: str = ""
    trouble: str = ""


def asking(node_id: str, tail_seq: int, house: str) -> bytes:
    """What a box signs when it asks for a code."""
    digest = hashlib.sha256(house.encode()).hexdigest()
    return f"holdfast pairing\n{node_id}\n{tail_seq}\n{digest}".encode()


def polling(device_code: str) -> bytes:
    """What a box signs when it asks whether somebody has said yes."""
    return f"holdfast pairing poll\n{device_code}".encode()


def plain(code: str) -> str:
    """A code as it is compared: blanks, dashes and case are for the eye. Empty for what cannot be one."""
    letters = "".join(letter for letter in code[:64].upper() if letter.isalnum())
    return letters if all(letter in CODE_LETTERS for letter in letters) else ""


def spelled(code: str) -> str:
    """A code as people read it: `WDJB-MJHT`."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def fingerprint(public_key: bytes) -> str:
    """Shown on the box and in the dashboard, so that an owner can tell that both mean the same box."""
    return spelled(hashlib.sha256(public_key).hexdigest()[:12].upper())


def flaw_of(house: House) -> str | None:
    """Why no place can be founded on this, in a sentence; None where one can."""
    config = house.config
    if not _is_id(config.venue_id):
        return "The place's id is no UUID."
    if config.restaurant_id not in OWN_NUMBERS:
        return "The box's number is not one that a box gives itself."
    if not (config.name.strip() and len(config.name) <= 120 and config.tables and config.stations):
        return "A place needs a name, a table and a kitchen station."
    if not (len(config.currency) == 3 and config.currency.isascii() and config.currency.isupper()):
        return "A currency is like EUR."
    if house.menu is None:
        return None
    if not 0 < house.menu.menu_version < 1_000_000:
        return "The menu's version is not one that a box gives."
    return flaw(house.menu)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
