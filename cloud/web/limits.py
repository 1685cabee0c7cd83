"""Limits on what strangers may try. A limit is a row here; where it is used is the handler's business."""

import asyncpg
import msgspec

from cloud.store import attempts
from protocol.errors import Refused, refuse


class Limit(msgspec.Struct, frozen=True):
    """At most `most` attempts in each window of `window_s`."""

    what: str
    most: int
    window_s: int


LOGIN_BY_EMAIL = Limit("login by e-mail", 10, 300)
LOGIN_BY_ADDRESS = Limit("login by address", 60, 300)
CODE_BY_USER = Limit("second factor by user", 10, 300)
PASSWORD_BY_USER = Limit("password by user", 10, 300)
INVITATION_BY_ADDRESS = Limit("invitation by address", 30, 300)
CHANGES_BY_PERSON = Limit("changes by person", 300, 60)
GUESTS_BY_ADDRESS = Limit("guest by address", 60, 60)
#: Many phones come from one address of a mobile network, each with a menu full of pictures.
DISHES_BY_ADDRESS = Limit("dish by address", 6000, 60)
LOOKS_BY_ADDRESS = Limit("outcome by address", 600, 60)
#: A pass word may come with each; the box counts wrong ones at the table, this keeps guessing slow from afar.
JOINS_BY_VENUE = Limit("far join by venue", 60, 300)
#: Somebody who drags a picture around asks for a preview now and then, not all the time.
DESIGNING_BY_ADDRESS = Limit("designing by address", 600, 60)
PREVIEWS_BY_GUEST = Limit("previews by guest", 120, 60)
PICTURES_BY_ADDRESS = Limit("pictures by address", 40, 300)
RENDERS_BY_GUEST = Limit("high previews by guest", 12, 300)
SHOP_LOOKS_BY_ADDRESS = Limit("shop look by address", 600, 60)
SHOP_ORDERS_BY_ADDRESS = Limit("shop order by address", 30, 60)
SHOP_CHECKOUTS_BY_ADDRESS = Limit("shop checkout by address", 120, 60)
#: A mail each: few, so that nobody's letter box is filled through us.
SHOP_LINKS_BY_ADDRESS = Limit("shop link by address", 10, 900)
SHOP_LINKS_BY_EMAIL = Limit("shop link by e-mail", 3, 900)
SHOP_REDEEMS_BY_ADDRESS = Limit("shop redeem by address", 30, 300)
#: Likewise a mail each.
WALLET_LINKS_BY_ADDRESS = Limit("wallet link by address", 10, 900)
WALLET_LINKS_BY_EMAIL = Limit("wallet link by e-mail", 3, 900)
WALLET_LOOKS_BY_ADDRESS = Limit("wallet look by address", 120, 60)
CLAIM_BY_ADDRESS = Limit("claim by address", 20, 300)
PAIRING_BY_ADDRESS = Limit("pairing by address", 20, 300)
#: A box asks every five seconds, and several may stand behind one address.
PAIRING_POLL_BY_ADDRESS = Limit("pairing poll by address", 600, 300)
#: Codes that somebody who is logged in may mistype; guessing one of 27^8 this way takes for ever.
PAIRING_BY_PERSON = Limit("pairing by person", 15, 300)
SNAPSHOT_BY_ADDRESS = Limit("snapshot by address", 60, 300)


async def check(pool: asyncpg.Pool, limit: Limit, who: str) -> None:
    """Count an attempt. Raises `Refused` with `rate_limited` when there were too many."""
    seen, left_s = await attempts.count(pool, limit.what, who, limit.window_s)
    if seen > limit.most:
        raise Refused(refuse("rate_limited", retry_after_s=max(1, left_s)))
