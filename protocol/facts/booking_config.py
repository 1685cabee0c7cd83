"""The owner's house rules for bookings of stations; part of the venue's configuration, like tariffs.

A booking keeps the rules under which it was made, so a change concerns later ones only. Counterpart:
`edge/core/bookings/` decides by them.
"""

import msgspec


class BookingRules(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a booking asks of a guest.

    The deposit is `deposit_minor`, never more than the booked time costs; 0 asks for none. It goes back when
    somebody cancels `free_cancel_hours` before the start or earlier, and stays with the venue after that or
    when nobody has come `grace_minutes` after the start. Without its deposit a booking is held for
    `hold_minutes`. Nobody books further than `ahead_days` ahead or longer than `most_minutes`.
    """

    deposit_minor: int = 0
    free_cancel_hours: int = 24
    grace_minutes: int = 15
    hold_minutes: int = 60
    ahead_days: int = 60
    most_minutes: int = 12 * 60
