"""Where a phone says it is, with an order, whichever way that comes. See `edge/core/orders/location.py`."""

from typing import Annotated

import msgspec


class Gps(msgspec.Struct, frozen=True):
    """Where a phone says it is."""

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    accuracy_m: Annotated[float, msgspec.Meta(ge=0)] = 0.0
