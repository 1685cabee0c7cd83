"""Whether the venue takes cards that its terminal stores while it is offline, and how much may be at risk.

Part of the configuration that the owner writes and the box adopts whole. Off unless somebody has said yes:
whoever stores a card takes it upon them that it may be declined later (product.md 18).
"""

import msgspec

#: A day and a night is what most acquirers still take; more than two weeks none does.
MOST_HOURS = 14 * 24


class OfflineCards(msgspec.Struct, frozen=True, omit_defaults=True):
    """At most `most_minor` a payment, `most_unsent_minor` in all, and only in the first `most_hours` of an
    outage. Beyond that a manager has to answer for each with a PIN.
    """

    allowed: bool = False
    most_minor: int = 5_000
    most_unsent_minor: int = 50_000
    most_hours: int = 24
