"""Who a guest of the shop is: whoever holds the key that their browser made for itself.

There are no accounts. The key is 256 random bits that never leave the browser but in `Authorization`; only
its digest is kept, beside the designs and orders that were made with it. A browser that has lost its key is
let in to its orders again by a link in a mail (`history.py`).
"""

from aiohttp import web

from protocol.errors import Refused, refuse
from protocol.identity import token_digest

#: 32 random bytes as base64url are 43 letters; fewer could be guessed, many more are no key of ours.
_SHORTEST, _LONGEST = 32, 128
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def digest_of(request: web.Request) -> str:
    """The digest of the guest's key. Raises `Refused` with `unauthenticated`."""
    header = request.headers.get("Authorization", "") or _protocol(request)
    kind, _, key = header.partition(" ")
    key = key.strip()
    if kind.lower() != "bearer" or not _SHORTEST <= len(key) <= _LONGEST or not _LETTERS.issuperset(key):
        raise Refused(refuse("unauthenticated", "Send the key that your browser made for this shop."))
    return token_digest(key)


def _protocol(request: web.Request) -> str:
    """The key as a sub-protocol, because browsers cannot send headers where they open a socket."""
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    keys = (each.strip().removeprefix("bearer.") for each in offered if each.strip().startswith("bearer."))
    return next((f"Bearer {key}" for key in keys), "")
