"""Rules of the shop at the table: a row for each command of `shop/commands.py`."""

from edge.core.rule import Rule
from edge.core.shop import commands as asked
from edge.core.shop import designing as shop
from edge.core.view import VenueView
from protocol.facts import design as designs
from protocol.facts import shop_order


def _design(_view: VenueView, command: asked.BeginDesign | asked.ChangeDesign | asked.HandOverDesign) -> str:
    return designs.aggregate_of(command.design_id)


def _order(_view: VenueView, command: asked.PlaceShopOrder) -> str:
    return shop_order.aggregate_of(command.order_id)


def _member(command: asked.ShopCommand) -> str:
    return command.member_pid


RULES: dict[type, Rule] = {
    asked.BeginDesign: Rule(shop.begin, (designs.DesignBegun,), _design, _member),
    asked.ChangeDesign: Rule(shop.change, (designs.DesignChanged,), _design, _member),
    asked.HandOverDesign: Rule(shop.hand_over, (designs.DesignHandedOver,), _design, _member),
    asked.PlaceShopOrder: Rule(shop.place, (shop_order.ShopOrderPlaced,), _order, _member),
}
