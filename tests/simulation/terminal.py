"""The venue's own card terminal, which stores cards while it is offline and sends them later.

It stands beside the box and knows nothing of it. Whether a stored card is taken or declined when it is sent
is the bank's business and settled by the card: whoever asks, at the counter or far away, hears the same.
"""

import hashlib

_DECLINED_OF_256 = 64


class Terminal:
    """Of one venue."""

    def sends(self, payment_pid: str) -> bool:
        """Whether a stored card is taken; a quarter of them are not."""
        return hashlib.sha256(payment_pid.encode()).digest()[0] >= _DECLINED_OF_256
