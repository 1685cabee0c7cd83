"""What guests ask of the venue's shop at their table. Ids are made by the phone and unique for ever.

Counterparts: `shop.py` decides, `protocol/facts/design.py` and `shop_order.py` are what follows.
"""

import msgspec

from protocol.design.parameters import Parameters


class BeginDesign(msgspec.Struct, frozen=True):
    """A member begins to design a product."""

    design_id: str
    session_pid: str
    member_pid: str
    product_id: str
    parameters: Parameters
    mid: str | None = None


class ChangeDesign(msgspec.Struct, frozen=True):
    """Its author changes a draft that was last seen at `version`."""

    design_id: str
    session_pid: str
    member_pid: str
    version: int
    parameters: Parameters
    mid: str | None = None


class HandOverDesign(msgspec.Struct, frozen=True):
    """Its author is content with the draft last seen at `version`."""

    design_id: str
    session_pid: str
    member_pid: str
    version: int
    mid: str | None = None


class PlaceShopOrder(msgspec.Struct, frozen=True):
    """Order `qty` pieces with a design on them; they go on the table's bill."""

    order_id: str
    session_pid: str
    member_pid: str
    design_id: str
    qty: int
    email: str | None = None
    mid: str | None = None


ShopCommand = BeginDesign | ChangeDesign | HandOverDesign | PlaceShopOrder
