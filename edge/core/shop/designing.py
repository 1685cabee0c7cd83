"""Decisions about the shop at the table: who designs what, and what of it is ordered.

A design belongs to the member who began it. What only a layout can tell (letters that cannot be printed, a
text that does not fit) is found out by whoever asks, before it comes here. An order is a line on the
table's bill and nothing else about its money: cash, card, balance, splitting, voids and receipts are those
of the bill.
"""

from edge.core.clock import Now
from edge.core.money import bill
from edge.core.shop import goods as shop_goods
from edge.core.shop.commands import BeginDesign, ChangeDesign, HandOverDesign, PlaceShopOrder
from edge.core.shop.goods import SHOP_LINE
from edge.core.tables.table import seated
from edge.core.view import Proposal, VenueView
from protocol.design import variants
from protocol.design.parameters import Parameters, is_empty
from protocol.design.templates import TEMPLATES
from protocol.errors import Refusal, Refused, refuse
from protocol.facts import design as designs
from protocol.facts import shop_order
from protocol.facts.bill import following
from protocol.facts.bill_events import BillLine, LinesCharged
from protocol.facts.design import Design, DesignBegun, DesignChanged, DesignHandedOver
from protocol.facts.shop_config import ShopProduct
from protocol.facts.shop_order import ShopOrderPaid, ShopOrderPlaced
from protocol.facts.table import TableSession

MOST_PIECES = 50


def product_of(view: VenueView, product_id: str) -> ShopProduct | None:
    """A product that the venue sells."""
    venue = view.venue()
    products = venue.config.shop.products if venue else ()
    sold = (each for each in products if each.active and each.template in TEMPLATES)
    return next((each for each in sold if each.id == product_id), None)


def begin(view: VenueView, command: BeginDesign, _now: Now) -> list[Proposal] | Refusal:
    """A new draft."""
    session = seated(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    product = product_of(view, command.product_id)
    if product is None:
        return refuse("unknown_product")
    if view.design(command.design_id) is not None:
        return refuse("mid_reused", "There is a design of this id already.")
    looks = _settled(command.parameters, product)
    if isinstance(looks, Refusal):
        return looks
    begun = DesignBegun(
        command.design_id,
        command.session_pid,
        command.member_pid,
        product.id,
        product.template,
        looks,
    )
    return [(designs.aggregate_of(command.design_id), begun)]


def _settled(parameters: Parameters, product: ShopProduct) -> Parameters | Refusal:
    """On a size and colour that the product has."""
    try:
        return variants.settled(parameters, product.options, product.sold_out)
    except Refused as error:
        return error.refusal


def _own(
    view: VenueView, command: ChangeDesign | HandOverDesign | PlaceShopOrder
) -> tuple[TableSession, Design] | Refusal:
    """Where the author sits, and the design. The table may have been put together with another since."""
    session = seated(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    design = view.design(command.design_id)
    if design is None or design.begun.member_pid != command.member_pid:
        return refuse("unknown_design")
    return session, design


def _draft(view: VenueView, command: ChangeDesign | HandOverDesign) -> Design | Refusal:
    owned = _own(view, command)
    if isinstance(owned, Refusal):
        return owned
    design = owned[1]
    if design.status != "draft":
        return refuse("design_final")
    if design.version != command.version:
        return refuse("design_conflict", detail={"version": design.version})
    return design


def change(view: VenueView, command: ChangeDesign, _now: Now) -> list[Proposal] | Refusal:
    """Other looks; the same looks change nothing."""
    design = _draft(view, command)
    if isinstance(design, Refusal):
        return design
    product = product_of(view, design.begun.product_id)
    looks = _settled(command.parameters, product) if product else refuse("unknown_product")
    if isinstance(looks, Refusal):
        return looks
    if design.parameters == looks:
        return []
    return [(designs.aggregate_of(command.design_id), DesignChanged(looks))]


def hand_over(view: VenueView, command: HandOverDesign, _now: Now) -> list[Proposal] | Refusal:
    """From now on it stays as it is."""
    design = _draft(view, command)
    if isinstance(design, Refusal):
        return design
    if is_empty(design.parameters):
        return refuse("design_empty")
    product = product_of(view, design.begun.product_id)
    unavailable = _unavailable(design, product) if product else refuse("unknown_product")
    if unavailable is not None:
        return unavailable
    return [(designs.aggregate_of(command.design_id), DesignHandedOver())]


def place(view: VenueView, command: PlaceShopOrder, now: Now) -> list[Proposal] | Refusal:
    """The order, its design handed over, and the line on the bill."""
    owned = _own(view, command)
    if isinstance(owned, Refusal):
        return owned
    session, design = owned
    venue, product = view.venue(), product_of(view, design.begun.product_id)
    if venue is None or product is None:
        return refuse("unknown_product")
    fault = _fault(view, command, session, design) or _unavailable(design, product)
    if fault is not None:
        return fault
    variant = variants.variant_of(design.parameters)
    placed = ShopOrderPlaced(
        order_id=command.order_id,
        session_pid=command.session_pid,
        member_pid=command.member_pid,
        guest_name=session.members[command.member_pid].name,
        design_id=command.design_id,
        product_id=product.id,
        name=variants.named(product.name, product.options, variant),
        qty=command.qty,
        unit_minor=variants.priced(product.price_minor, product.options, variant),
        tax_rate_bp=product.tax_rate_bp,
        tax_inclusive=venue.config.tax_inclusive,
        currency=venue.config.currency,
        email=command.email,
    )
    handed: list[Proposal] = []
    if design.status == "draft":
        handed = [(designs.aggregate_of(command.design_id), DesignHandedOver())]
    charged = LinesCharged((_line(placed),))
    return [
        (shop_order.aggregate_of(command.order_id), placed),
        *handed,
        *bill.charge(view, command.session_pid, session.table_name, charged, now),
        *_paid_at_once(view, placed, charged),
    ]


def _paid_at_once(view: VenueView, placed: ShopOrderPlaced, charged: LinesCharged) -> list[Proposal]:
    """A bill on which more was paid than was owed may have paid for this already."""
    before = view.bill(bill.paying(view, placed.session_pid))
    if before is None or following(before, charged).status != "settled":
        return []
    paid_by = shop_goods.paid_by(following(before, charged), charged.lines[0])
    return [(shop_order.aggregate_of(placed.order_id), ShopOrderPaid(paid_by, placed.qty))]


def _unavailable(design: Design, product: ShopProduct) -> Refusal | None:
    """Why pieces of the design's size and colour cannot be ordered."""
    try:
        variants.check_available(design.parameters, product.options, product.sold_out)
    except Refused as error:
        return error.refusal
    return None


def _fault(view: VenueView, command: PlaceShopOrder, session: TableSession, design: Design) -> Refusal | None:
    if not session.pass_validated:
        return refuse("pass_required")
    if not 1 <= command.qty <= MOST_PIECES:
        return refuse("invalid", f"Order 1 to {MOST_PIECES} pieces.")
    if is_empty(design.parameters):
        return refuse("design_empty")
    if view.shop_order(command.order_id) is not None:
        return refuse("mid_reused", "There is an order of this id already.")
    return None


def _line(placed: ShopOrderPlaced) -> BillLine:
    return BillLine(
        id=f"{SHOP_LINE}:{placed.order_id}",
        source=SHOP_LINE,
        ref=placed.order_id,
        name=placed.name,
        qty=placed.qty,
        price_minor=placed.unit_minor,
        tax_rate_bp=placed.tax_rate_bp,
        tax_inclusive=placed.tax_inclusive,
        member=placed.member_pid,
    )
