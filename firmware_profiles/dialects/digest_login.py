"""The client's half of HTTP digest log-in with SHA-256 (RFC 7616), as small devices speak it.

Kept apart from any HTTP library because the nonce has to outlive the connection: a plug on firmware 2.0 hands
out few of them and counts their uses. Each header takes the next count, so requests have to leave in the
order in which their headers were made. Counterpart: `firmware_profiles/emulators/digest.py`.
"""

import hashlib
import re
from collections.abc import Callable

import msgspec

_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Challenge(msgspec.Struct, frozen=True):
    """What a 401 asks for."""

    realm: str
    nonce: str
    opaque: str = ""


def read_challenge(header: str) -> Challenge | None:
    """The challenge of a `WWW-Authenticate` header; None where it is no digest that is spoken here."""
    scheme, _, rest = header.partition(" ")
    given = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}
    ours = given.get("algorithm", "").upper() == "SHA-256" and "auth" in given.get("qop", "auth").split(",")
    if scheme.lower() != "digest" or not ours or "nonce" not in given:
        return None
    return Challenge(given.get("realm", ""), given["nonce"], given.get("opaque", ""))


class DigestLogin:
    """User, pass word, and the nonce in use. `fresh` makes a client nonce."""

    def __init__(self, user: str, password: str, fresh: Callable[[], str]) -> None:
        self._user = user
        self._password = password
        self._fresh = fresh
        self._challenge: Challenge | None = None
        self._secret = ""
        self._count = 0

    def challenged(self, header: str) -> bool:
        """Take over the nonce of a 401; whether there was one."""
        found = read_challenge(header)
        if found is not None:
            self._challenge, self._count = found, 0
            self._secret = _sha256(f"{self._user}:{found.realm}:{self._password}")
        return found is not None

    def forget(self) -> None:
        """Come without a nonce next time, and be handed a fresh one."""
        self._challenge = None

    def header(self, method: str, uri: str) -> str | None:
        """`Authorization` for one request that is sent now; None while there is no nonce."""
        known = self._challenge
        if known is None:
            return None
        self._count += 1
        count, own = f"{self._count:08x}", self._fresh()
        request = _sha256(f"{method}:{uri}")
        answer = _sha256(":".join((self._secret, known.nonce, count, own, "auth", request)))
        opaque = f', opaque="{known.opaque}"' if known.opaque else ""
        return (
            f'Digest username="{self._user}", realm="{known.realm}", nonce="{known.nonce}", uri="{uri}", '
            f'algorithm=SHA-256, qop=auth, nc={count}, cnonce="{own}", response="{answer}"{opaque}'
        )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
