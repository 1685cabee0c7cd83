"""Guards of money: what is due, what was set aside, what a venue lends, stores and gives back.

A part of the list in `guards.py`, which says what it is for.
"""

from tests.simulation.guard import Guard

MONEY_GUARDS = (
    Guard(
        "nobody pays more than is due", "edge.core.money.payment:_amount", "amount_minor > due_minor", "False"
    ),
    Guard(
        "nobody spends more than was set aside here",
        "edge.core.money.grants:spend",
        "holder is None or user_id is None or balance_minor < amount_minor",
        "holder is None or user_id is None",
    ),
    Guard(
        "a venue stands in for no more than its owner allows",
        "edge.core.money.credit:lent",
        "short_minor > left",
        "False",
        ("long outage", "partition"),
        trouble_every_s=8.0,
        also=(("protocol.facts.credit:given", " or owed_minor > event.cap_minor", ""),),
    ),
    Guard(
        "the next money of a guest pays what is owed",
        "edge.core.money.credit:collected",
        "return _repaid(owed, aggregate, event)",
        "return []",
        ("long outage", "partition"),
        trouble_every_s=8.0,
    ),
    Guard(
        "no more is given back than is left",
        "edge.core.money.grants:give_back",
        "min(holder.balance_minor, command.amount_minor)",
        "command.amount_minor",
    ),
    Guard(
        "no more is set aside than is free in a wallet",
        "cloud.store.money.wallets:grant",
        "free_minor < amount_minor",
        "False",
        venues=2,
    ),
    Guard(
        "a grant is made once however often it is asked for",
        "cloud.store.money.wallets:grant",
        'await _moved(connection, organisation_id, f"{command_id}@{venue_id}")',
        "False",
        venues=2,
    ),
    Guard(
        "what is paid in counts once",
        "cloud.store.money.wallets:top_up",
        "await _moved(connection, organisation_id, transaction)",
        "False",
        venues=2,
    ),
    # ── cards that a terminal stored ─────────────────────────────────────────────────────────────
    Guard(
        "a card beyond the limits needs a manager's word",
        "edge.core.money.stored_cards:store",
        "over and not (command.approved_by and command.reason)",
        "False",
        ("long outage", "partition"),
        trouble_every_s=8.0,
    ),
    Guard(
        "all cards that are not sent are held against one limit",
        "edge.core.money.stored_cards:_over",
        "stands.unsent_minor + amount_minor > rules.most_unsent_minor",
        "False",
        ("long outage", "partition"),
        trouble_every_s=8.0,
    ),
    Guard(
        "cards are stored where the owner allows it",
        "edge.core.money.stored_cards:_unfit",
        "not rules.allowed",
        "False",
        ("long outage", "partition"),
        trouble_every_s=8.0,
    ),
    Guard(
        "a card that was stored is sent or declined once",
        "edge.core.money.stored_cards:settle",
        'card.status != "unsent"',
        "False",
        ("long outage", "partition"),
        trouble_every_s=8.0,
    ),
    Guard(
        "what was declined is owed again",
        "edge.core.money.stored_cards:settle",
        ", *_owed_again(view, command, payment, now)]",
        "]",
        ("long outage", "partition"),
        trouble_every_s=8.0,
    ),
    # ── money that is given back ─────────────────────────────────────────────────────────────────
    Guard(
        "what an owner asks back is one record however often it is asked for",
        "edge.core.afar.owner_refunds:give",
        "known is not None",
        "False",
    ),
    Guard(
        "an owner is given back no more than is left",
        "edge.core.afar.owner_refunds:_parts",
        "0 < amount_minor <= payment.left_minor",
        "True",
    ),
    Guard(
        "cash is handed out by somebody at the counter",
        "edge.core.afar.owner_refunds:settle",
        'command.by.startswith("owner:")',
        "False",
    ),
    Guard(
        "the counter gives back no more than is left",
        "edge.core.money.payment:refund",
        "0 <= amount_minor <= left_minor[0]",
        "0 <= amount_minor",
    ),
    Guard(
        "what was paid from a balance goes back to it",
        "edge.core.money.payment:give_back",
        "if owner else ()",
        "if False else ()",
    ),
)
