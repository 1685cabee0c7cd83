"""The device side of HTTP digest authentication with SHA-256 (RFC 7616), with Shelly's nonce book-keeping.

Source: shelly-api-docs.shelly.cloud/gen2/General/Authentication as quoted in node-red-contrib-shelly#296
(a new nonce must first be used with nc=00000001), openhab-addons#21179 (32 slots, 2 s of 429 when none is
free), home-assistant/core#177257 and #178327 (429 goes on for as long as a nonce that lost its slot is
replayed, and ends with the first request that brings none).

Rule of the file: what a device would check, nothing friendlier.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from firmware_profiles.catalogue.plugs import NonceRules
from firmware_profiles.emulators.clock import Clock

_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(slots=True)
class _Nonce:
    issued_s: float
    used: int = 0


class NonceBook:
    """Which nonces a device will still take."""

    def __init__(self, rules: NonceRules, clock: Clock) -> None:
        self.rules = rules
        self._clock = clock
        self._nonces: dict[str, _Nonce] = {}
        self._throttled_until_s: float | None = None

    def forget(self) -> None:
        """The device restarted."""
        self._nonces.clear()
        self._throttled_until_s = None

    def issue(self, replayed: bool = False) -> str | None:
        """A new nonce, or None while the device throttles.

        One who `replayed` a nonce that is not kept gets none as long as every slot is taken, however long
        he waits: he has to come without one.
        """
        now_s = self._clock.now_s()
        self._expire(now_s)
        if self.rules.slots is not None and len(self._nonces) >= self.rules.slots:
            if self._throttled_until_s is None:
                self._throttled_until_s = now_s + self.rules.throttle_s
            if replayed or now_s < self._throttled_until_s:
                return None
            del self._nonces[min(self._nonces, key=lambda nonce: self._nonces[nonce].issued_s)]
        self._throttled_until_s = None
        nonce = secrets.token_urlsafe(24) + "=" if self.rules.life_s else str(secrets.randbelow(2**31))
        self._nonces[nonce] = _Nonce(now_s)
        return nonce

    def take(self, nonce: str, nc: str) -> bool:
        """Whether `nonce` may be used with this count (eight hex digits) now."""
        self._expire(self._clock.now_s())
        known = self._nonces.get(nonce)
        if known is None or not re.fullmatch("[0-9a-fA-F]{8}", nc):
            return False
        count = int(nc, 16)
        if self.rules.life_s is None:
            return True
        fits = count == 1 if known.used == 0 else count > known.used
        if fits:
            known.used = count
        return fits and (self.rules.uses is None or count <= self.rules.uses)

    def _expire(self, now_s: float) -> None:
        life_s = self.rules.life_s
        if life_s is not None:
            self._nonces = {
                nonce: kept for nonce, kept in self._nonces.items() if now_s - kept.issued_s < life_s
            }


def challenge(realm: str, nonce: str, stale: bool) -> str:
    """The `WWW-Authenticate` header of a 401."""
    return (
        f'Digest qop="auth", realm="{realm}", nonce="{nonce}", algorithm=SHA-256'
        f"{', stale=true' if stale else ''}"
    )


def fields(header: str) -> dict[str, str]:
    """The parts of an `Authorization: Digest` header, empty for any other."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "digest":
        return {}
    return {name: quoted or bare for name, quoted, bare in _FIELD.findall(rest)}


def secret_of(user: str, realm: str, password: str) -> str:
    """What the device keeps instead of the pass word: `HA1`."""
    return _sha256(f"{user}:{realm}:{password}")


def response_fits(sent: dict[str, str], method: str, user: str, secret: str) -> bool:
    """Whether the sender knows the pass word of which `secret` is the HA1. The nonce is judged elsewhere."""
    request = _sha256(f"{method}:{sent.get('uri', '')}")
    expected = _sha256(
        ":".join((secret, sent.get("nonce", ""), sent.get("nc", ""), sent.get("cnonce", ""), "auth", request))
    )
    return (
        sent.get("username") == user
        and sent.get("qop") == "auth"
        and secrets.compare_digest(expected, sent.get("response", ""))
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
