"""What a line costs and whether it can be had, by the menu in force. Integers only."""

from edge.core.view import VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.menu import MenuBook, MenuItem, Option


def menu_item(view: VenueView, menu_item_id: int) -> tuple[MenuBook, MenuItem] | Refusal:
    """The item on the menu in force."""
    book = view.menu()
    if book is None:
        return refuse("not_configured")
    item = book.items.get(menu_item_id)
    if item is None:
        return refuse("unknown_menu_item")
    return book, item


def chosen_options(book: MenuBook, item: MenuItem, modifiers: tuple[int, ...]) -> list[Option] | Refusal:
    """The options behind `modifiers`, each group's least and most respected."""
    if len(set(modifiers)) != len(modifiers):
        return refuse("invalid", "A modifier is named twice.")
    chosen: list[Option] = []
    for group_id in item.modifier_groups:
        group = book.groups[group_id]
        picked = [option for option in group.options if option.id in modifiers]
        if not group.least <= len(picked) <= group.most:
            wanted = f"{group.least}" if group.least == group.most else f"{group.least} to {group.most}"
            return refuse("invalid", f"{item.name}: choose {wanted} of “{group.name}”.")
        chosen.extend(picked)
    if len(chosen) != len(modifiers):
        return refuse("invalid", f"{item.name} does not come with that modifier.")
    return chosen


def unit_price_minor(item: MenuItem, options: list[Option]) -> int:
    """Price of one piece with its options."""
    return item.price_minor + sum(option.price_minor for option in options)


def availability(view: VenueView, item: MenuItem, qty: int) -> Refusal | None:
    """`sold_out` unless `qty` pieces can be had now."""
    stock = view.stock(item.id)
    if stock is None or not (stock.sold_out or (stock.qty is not None and stock.qty < qty)):
        return None
    if stock.sold_out or not stock.qty:
        return refuse("sold_out", f"{item.name} has just sold out.", detail={"menu_item": item.id, "left": 0})
    left = stock.qty
    return refuse(
        "sold_out", f"Only {left} of {item.name} left.", detail={"menu_item": item.id, "left": left}
    )
