"""What pages and the box say to each other about the shop; the cloud's shop answers in the same shapes.

Counterparts: `edge/web/shop/desk.py`, `cloud/shop/designs/desk.py`.
"""

from typing import Annotated

import msgspec

from protocol.design.parameters import Parameters
from protocol.design.templates import Template
from protocol.design.variants import Option
from protocol.table import Mid, Pid

_ProductId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Uuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
_Version = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
#: What is white space beyond ASCII, each language's patterns see otherwise; none of it is allowed.
_PART = r"[^@\s\x00-\x1f\x85\ufeff]+"
_Email = Annotated[str, msgspec.Meta(min_length=3, max_length=200, pattern=f"^{_PART}@{_PART}$")]


class ProductReply(msgspec.Struct, frozen=True):
    """Something to design, in the venue's currency. `sold_out` are variants that cannot be ordered."""

    product_id: str
    template: str
    name: str
    words: str
    price_minor: int
    options: tuple[Option, ...] = ()
    sold_out: tuple[str, ...] = ()


class ShopReply(msgspec.Struct, frozen=True):
    """What is sold, and what can be printed on each of it."""

    venue: str
    currency: str
    products: tuple[ProductReply, ...]
    templates: tuple[Template, ...]


class DesignBody(msgspec.Struct, frozen=True):
    """Begin to design something; `design_id` is a UUID that the page has made."""

    session_pid: Pid
    design_id: _Uuid
    product_id: _ProductId
    parameters: Parameters = Parameters()
    mid: Mid | None = None


class DesignChangeBody(msgspec.Struct, frozen=True):
    """Other looks for the draft that was last seen at `version`."""

    session_pid: Pid
    version: _Version
    parameters: Parameters
    mid: Mid | None = None


class FinalizeBody(msgspec.Struct, frozen=True):
    """Hand over the draft that was last seen at `version`."""

    session_pid: Pid
    version: _Version
    mid: Mid | None = None


class PreviewBody(msgspec.Struct, frozen=True):
    """What to paint: the design as it is kept, or as these parameters would have it."""

    session_pid: Pid
    parameters: Parameters | None = None


class PreviewReply(msgspec.Struct, frozen=True):
    """A quick preview by its address; `cache` says hit or miss."""

    preview_url: str
    cache: str


class PictureReply(msgspec.Struct, frozen=True):
    """A picture as it was kept; `blob` names it in designs."""

    blob: str
    width_px: int
    height_px: int
    url: str


class DesignReply(msgspec.Struct, frozen=True):
    """A design, draft or final."""

    design_id: str
    product_id: str
    template: str
    name: str
    parameters: Parameters
    status: str
    version: int


class OrderBody(msgspec.Struct, frozen=True):
    """Order pieces with a design on them; they go on the table's bill. With `email` somebody hears of it."""

    session_pid: Pid
    order_id: _Uuid
    design_id: _Uuid
    qty: Annotated[int, msgspec.Meta(ge=1, le=50)]
    email: _Email | None = None
    mid: Mid | None = None


class ShopOrderReply(msgspec.Struct, frozen=True):
    """An order of the shop: placed, paid or cancelled."""

    order_id: str
    design_id: str
    product_id: str
    name: str
    qty: int
    total_minor: int
    currency: str
    status: str
