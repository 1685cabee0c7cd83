"""An order as its guest is shown it."""

import asyncpg
import msgspec

from cloud.shop.orders.messages import Address, OrderAnswer, OrderLine, Parcel
from cloud.store.shop import orders as shop_orders
from cloud.store.shop import staff as shop_staff
from cloud.store.shop.orders import OrderRow
from protocol.taxes import TaxGroup


async def shown(connection: asyncpg.Connection, order: OrderRow, venue_name: str) -> OrderAnswer:
    """The order with its lines and how it travels."""
    lines = await shop_orders.lines_of(connection, order)
    shipment = await shop_staff.shipment_of(connection, order)
    return OrderAnswer(
        order_id=order.order_id,
        venue_id=order.venue_id,
        venue=venue_name,
        number=order.number,
        source=order.source,
        status=order.status,
        payment_status=order.payment_status,
        name=order.name,
        email=order.email,
        note=order.note,
        address=address_of(order),
        currency=order.currency,
        lines=[
            OrderLine(
                each.line,
                each.design_id,
                each.product_id,
                each.name,
                each.quantity,
                each.unit_minor,
                each.gross_minor,
            )
            for each in lines
        ],
        items_minor=order.items_minor,
        shipping_minor=order.shipping_minor,
        tax_minor=order.tax_minor,
        total_minor=order.total_minor,
        refunded_minor=order.refunded_minor,
        taxes=msgspec.json.decode(order.taxes, type=list[TaxGroup]),
        original_order_id=order.original_order_id,
        parcel=Parcel(shipment.carrier, shipment.tracking_number) if shipment else None,
        created_at=order.created_at,
        paid_at=order.paid_at,
        shipped_at=order.shipped_at,
        delivered_at=order.delivered_at,
        cancelled_at=order.cancelled_at,
    )


def address_of(order: OrderRow) -> Address | None:
    """Where it goes; None where it is collected."""
    return None if order.address is None else msgspec.json.decode(order.address, type=Address)
