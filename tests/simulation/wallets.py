"""Wallets, grants and the ledger in memory: what triggers of `cloud/store/schema.sql` post, by name.

An amount is never written but twice. What a box says of a balance is posted in the very turn that takes the
fact in; a debt that is heard of takes what is free in its guest's wallet. Counterpart: `statements.py`
answers the statements of `cloud/store/money/wallets.py` on the same sheets.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from cloud.store.link.facts import Uuid
from cloud.store.money.wallets import FOR_EVER_MS
from protocol.facts.fold import SHAPES
from protocol.instruction import CreditGrant, Instruction

if TYPE_CHECKING:
    from tests.simulation.page import MemoryPage

_NEVER_TAKEN = ("REFUSED", "EXPIRED")


def balance(turn: "MemoryPage", account: str) -> int:
    """What an account of the ledger comes to."""
    minor: int = turn.sheets.get(("account", account), 0)
    return minor


def post(turn: "MemoryPage", transaction: str, source: str, target: str, amount_minor: int) -> None:
    """Move an amount, once by the transaction's name."""
    if turn.sheets.get(("posted", transaction)) is not None:
        return
    turn.sheets.put(("posted", transaction), (source, target, amount_minor))
    for account, minor in ((source, -amount_minor), (target, amount_minor)):
        turn.sheets.put(("account", account), balance(turn, account) + minor)


async def follow(turn: "MemoryPage", venue_id: str, table: str, old: Any, row: Any) -> None:
    """A row of a folded table was written: the triggers on it."""
    if table not in _TRIGGERS or turn.sheets.get(("venue", venue_id)) is None:
        return
    told = dict(zip(SHAPES[table].column_names, row, strict=True))
    await _TRIGGERS[table](turn, venue_id, told, old is None)


async def _entry(turn: "MemoryPage", venue_id: str, new: dict[str, Any], inserted: bool) -> None:
    """`post_account_entry`."""
    reason, user, amount_minor = new["reason"], new["user_id"], new["amount_minor"]
    if not inserted:
        return
    await turn.lock_row(("wallet", user))
    if reason == "granted":
        _remember(turn, venue_id, user, new["entry"], amount_minor)
        return
    other = f"till:{venue_id}" if amount_minor > 0 else f"revenue:{venue_id}"
    if reason == "given_back":
        other = f"wallet:{user}"
    elif reason in ("venue_credit", "credit_repaid"):
        other = f"credit:{venue_id}"
    elif reason == "paid_out":
        other = f"till:{venue_id}"
    name = f"entry:{venue_id}:{user}:{new['number']}"
    post(turn, name, other, f"grant:{venue_id}:{user}", amount_minor)


def _remember(turn: "MemoryPage", venue_id: str, user: str, entry: str, amount_minor: int) -> None:
    """A grant that these books have forgotten, because they were restored."""
    if amount_minor > 0 and turn.sheets.get(("grant", venue_id, entry)) is None:
        turn.sheets.put(("grant", venue_id, entry), (user, amount_minor))
        name = f"{entry if entry.startswith('grant:') else f'grant:{entry}'}@{venue_id}"
        post(turn, name, f"wallet:{user}", f"grant:{venue_id}:{user}", amount_minor)


async def _outcome(turn: "MemoryPage", venue_id: str, new: dict[str, Any], _inserted: bool) -> None:
    """`post_refused_grant`."""
    given = turn.sheets.get(("grant", venue_id, new["command_id"]))
    if given is not None and new["kind"] == "credit_grant" and new["status"] in _NEVER_TAKEN:
        wallet_id, amount_minor = given
        await turn.lock_row(("wallet", wallet_id))
        name = f"refused:{new['command_id']}@{venue_id}"
        post(turn, name, f"grant:{venue_id}:{wallet_id}", f"wallet:{wallet_id}", amount_minor)


async def _credit(turn: "MemoryPage", venue_id: str, new: dict[str, Any], inserted: bool) -> None:
    """`post_written_off` and `collect_credit`."""
    off_minor = new["written_off_minor"]
    if off_minor > 0:
        name = f"written off:{venue_id}:{new['entry']}"
        post(turn, name, f"loss:{venue_id}", f"credit:{venue_id}", off_minor)
    if inserted and new["status"] == "open":
        left_minor = new["amount_minor"] - new["collected_minor"] - off_minor
        await grant_for_credit(turn, venue_id, new["user_id"], left_minor, f"credit:{new['entry']}", "cloud")


_TRIGGERS = {"account_entries": _entry, "command_outcomes": _outcome, "venue_credits": _credit}


async def grant_for_credit(
    turn: "MemoryPage", venue_id: str, user: str, most_minor: int, command_id: str, by: str
) -> int | None:
    """As the function of this name in `schema.sql`."""
    await turn.lock_row(("wallet", user))
    known = turn.sheets.get(("grant", venue_id, command_id)) is not None
    if known or turn.sheets.get(("wallet", user)) is None:
        return None
    given_minor = min(most_minor, balance(turn, f"wallet:{user}"))
    if given_minor <= 0:
        return None
    turn.sheets.put(("grant", venue_id, command_id), (user, given_minor))
    name = f"grant:{command_id}@{venue_id}"
    post(turn, name, f"wallet:{user}", f"grant:{venue_id}:{user}", given_minor)
    ask = CreditGrant(user, command_id, given_minor)
    told = Instruction(command_id, by, FOR_EVER_MS, ask)
    turn.publish(venue_id, "commands", msgspec.json.encode(told))
    return given_minor


def debt(turn: "MemoryPage", venue_id: str, entry: str) -> tuple[str, int] | None:
    """Whose an open debt is, and what is left of it, as far as the cloud knows."""
    row = turn.sheets.get(("venue_credits", Uuid(venue_id), entry))
    if row is None:
        return None
    told = dict(zip(SHAPES["venue_credits"].column_names, row, strict=True))
    left_minor = told["amount_minor"] - told["collected_minor"] - told["written_off_minor"]
    return (told["user_id"], left_minor) if told["status"] == "open" else None
