"""What the box knows of its link to the cloud, for `/status` and the banner on every screen.

Kept up to date by `edge/adapters/cloud/link/`; everybody else only reads it.
"""

import msgspec


class LinkState(msgspec.Struct):
    """`state` is `down`, `catching_up` or `live`; the cloud has all facts up to `acked_seq`."""

    state: str = "down"
    acked_seq: int = 0
    last_sync_ms: int | None = None
    message: str = "not connected yet"
