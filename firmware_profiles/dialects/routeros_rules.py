"""Which rows make RouterOS let a machine through or stop it, and how to bring them about, sans-IO.

The same flows (see `routeros_rows.py`) run over REST and over the binary API, and in tests against the
emulated router without any wire.

The leased gate, per family (`/ip`, `/ipv6`). First in `forward` stands a jump to the chain `holdfast`, above
FastTrack, which would take whole conversations past the filter (help.mikrotik.com 'FastTrack'):

    accept  established,related  from holdfast-allowed     so that they are never fast-tracked and a
    accept  established,related  to   holdfast-allowed     lapsed lease ends conversations under way
    return                       from holdfast-allowed     new ones are judged by the venue's own rules
    return                       to   holdfast-allowed
    drop                         to   holdfast-known       what still comes in after the lease has lapsed
    drop    src-mac-address=…    (one per machine)         what the machine sends, without a lease

`holdfast-allowed` holds addresses with a `timeout`, kept in RAM only and gone after a reboot; everything
else is kept. So a router without a box, or just restarted, refuses. A MAC matches on the machine's own
network segment only, and traffic within one bridge never gets here.

The plain gate is the rule of seed 003 §8: `chain=forward src-mac-address=… action=drop`, added to block and
removed to allow, placed first. It outlives the box in whichever position it was left.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from firmware_profiles.dialects.routeros_rows import (
    ALLOWED,
    KNOWN,
    Ask,
    Flow,
    Row,
    T,
    Trap,
    add,
    addresses_of,
    drops,
    enabled,
    end_conversations,
    filter_rows,
    first_of,
    holds,
    host_of,
    keep_known,
    lease,
    lease_s,
    listed,
    remove,
    rules_of,
    says,
    tag,
)

CHAIN = "holdfast"
JUMP = "holdfast:jump"
FAMILIES = ("/ip", "/ipv6")

#: The chain's own rows in their order, by comment.
CHAIN_ROWS: dict[str, Row] = {
    "holdfast:going-out": {
        "action": "accept",
        "connection-state": "established,related",
        "src-address-list": ALLOWED,
    },
    "holdfast:going-in": {
        "action": "accept",
        "connection-state": "established,related",
        "dst-address-list": ALLOWED,
    },
    "holdfast:allowed-out": {"action": "return", "src-address-list": ALLOWED},
    "holdfast:allowed-in": {"action": "return", "dst-address-list": ALLOWED},
    "holdfast:lapsed-in": {"action": "drop", "dst-address-list": KNOWN},
}


class AddressMissing(Exception):
    """Neither DHCP nor ARP nor the neighbour table knows this MAC."""


@dataclass(frozen=True, slots=True)
class GateState:
    """`complete`: every row that a refusal rests on stands where it must, for every address there is."""

    allowed: bool
    complete: bool
    addresses: tuple[str, ...]
    remaining_s: float | None = None


async def drive(flow: Flow[T], ask: Callable[[Ask], Awaitable[list[Row]]]) -> T:
    """Run a flow over a wire. A `Trap` that the flow does not expect comes out here."""
    try:
        step = next(flow)
        while True:
            try:
                rows = await ask(step)
            except Trap as trap:
                step = flow.throw(trap)
            else:
                step = flow.send(rows)
    except StopIteration as done:
        value: T = done.value
        return value


# ── the leased gate ─────────────────────────────────────────────────────────────────────────────
def lay_leased(mac: str | None = None) -> Flow[None]:
    """Bring about the jump, the chain, and the drop rule of `mac`. Changes nothing that stands right."""
    for family in FAMILIES:
        rows = yield from filter_rows(family)
        if rows is None:
            continue
        yield from _lay_chain(family, rows)
        yield from _lay_jump(family, rows)
        if mac is not None and not _drop_rules(rows, mac):
            values = {"chain": CHAIN, "action": "drop", "src-mac-address": mac, "comment": tag(mac)}
            yield from add(f"{family}/firewall/filter", values)


def allow_leased(mac: str, for_s: float) -> Flow[None]:
    """Lease `for_s` seconds to every address of the machine. Raises `AddressMissing`."""
    yield from lay_leased(mac)
    addresses = yield from addresses_of(mac)
    if not any(addresses.values()):
        raise AddressMissing(mac)
    for family, wanted in addresses.items():
        menu = f"{family}/firewall/address-list"
        rows = yield from listed(family, mac)
        yield from keep_known(menu, rows, mac, wanted)
        for row in rows:
            if row.get("list") == ALLOWED and host_of(row["address"]) not in wanted:
                yield from remove(menu, row)
        for address in wanted:
            yield from lease(menu, rows, mac, address, for_s)


def block_leased(mac: str) -> Flow[None]:
    """Take the lease back and end the conversations under way."""
    yield from lay_leased(mac)
    addresses = yield from addresses_of(mac)
    for family, wanted in addresses.items():
        menu = f"{family}/firewall/address-list"
        rows = yield from listed(family, mac)
        yield from keep_known(menu, rows, mac, wanted)
        for row in rows:
            if row.get("list") == ALLOWED:
                yield from remove(menu, row)
        yield from end_conversations(family, {*wanted, *(host_of(row["address"]) for row in rows)})


def read_leased(mac: str) -> Flow[GateState]:
    """What the machine may do, and whether the rows that matter stand."""
    complete = True
    leases: dict[str, float | None] = {}
    known: set[str] = set()
    for family in FAMILIES:
        rows = yield from filter_rows(family)
        if rows is None:
            continue
        complete &= _jump_stands(rows) and _chain_stands(rows) and len(_drop_rules(rows, mac)) == 1
        for row in (yield from listed(family, mac)):
            if row.get("list") == ALLOWED:
                leases[host_of(row["address"])] = lease_s(row)
            else:
                known.add(host_of(row["address"]))
    by_family = yield from addresses_of(mac)
    main = by_family["/ip"] or by_family["/ipv6"]
    present = [address for found in by_family.values() for address in found]
    allowed = bool(leases) and all(address in leases for address in main)
    complete &= known.issuperset(present) and (not allowed or leases.keys() == set(present or leases))
    lasting = [left_s for left_s in leases.values() if left_s is not None]
    return GateState(allowed, complete, tuple(present), min(lasting) if allowed and lasting else None)


# ── the plain gate (seed 003 §8) ────────────────────────────────────────────────────────────────
def allow_plain(mac: str) -> Flow[None]:
    """Remove the drop rule of `mac`."""
    for family in FAMILIES:
        for row in rules_of((yield from filter_rows(family)) or [], mac):
            yield from remove(f"{family}/firewall/filter", row)


def block_plain(mac: str) -> Flow[None]:
    """Add the drop rule of `mac` above everything that could let it past, and end conversations."""
    for family in FAMILIES:
        rows = yield from filter_rows(family)
        if rows is None:
            continue
        menu = f"{family}/firewall/filter"
        misplaced = [row for row in rules_of(rows, mac) if not _stands_first(rows, row, mac)]
        if len(misplaced) == len(rules_of(rows, mac)):
            values = {"chain": "forward", "action": "drop", "src-mac-address": mac, "comment": tag(mac)}
            yield from add(menu, values, before=first_of(rows, "forward"))
        for row in misplaced:
            yield from remove(menu, row)
    for family, found in (yield from addresses_of(mac)).items():
        yield from end_conversations(family, set(found))


def read_plain(mac: str) -> Flow[GateState]:
    """Blocked when every family has the rule in force; anything in between is not complete."""
    standing = []
    for family in FAMILIES:
        rows = yield from filter_rows(family)
        if rows is not None:
            standing.append(any(_stands_first(rows, row, mac) for row in rules_of(rows, mac)))
    addresses = yield from addresses_of(mac)
    present = tuple(address for found in addresses.values() for address in found)
    return GateState(not all(standing), len(set(standing)) == 1, present)


# ── what stands ─────────────────────────────────────────────────────────────────────────────────
def _lay_chain(family: str, rows: list[Row]) -> Flow[None]:
    if _chain_stands(rows):
        return
    menu = f"{family}/firewall/filter"
    for row in rows:
        if row.get("comment") in CHAIN_ROWS:
            yield from remove(menu, row)
    first = next((row for row in rows if _in_chain(row) and row.get("comment") not in CHAIN_ROWS), None)
    for comment, values in CHAIN_ROWS.items():
        yield from add(menu, {"chain": CHAIN, **values, "comment": comment}, before=first)


def _lay_jump(family: str, rows: list[Row]) -> Flow[None]:
    if _jump_stands(rows):
        return
    menu = f"{family}/firewall/filter"
    values = {"chain": "forward", "action": "jump", "jump-target": CHAIN, "comment": JUMP}
    yield from add(menu, values, before=first_of(rows, "forward"))
    for row in rows:
        if row.get("comment") == JUMP:
            yield from remove(menu, row)


def _jump_stands(rows: list[Row]) -> bool:
    first = first_of(rows, "forward")
    return (
        first is not None and first.get("comment") == JUMP and says(first, action="jump") and enabled(first)
    )


def _chain_stands(rows: list[Row]) -> bool:
    chain = [row for row in rows if _in_chain(row)]
    head = chain[: len(CHAIN_ROWS)]
    return len(head) == len(CHAIN_ROWS) and all(
        row.get("comment") == comment and enabled(row) and holds(row, values)
        for row, (comment, values) in zip(head, CHAIN_ROWS.items(), strict=True)
    )


def _drop_rules(rows: list[Row], mac: str) -> list[Row]:
    return [row for row in rules_of(rows, mac) if _in_chain(row) and drops(row, mac)]


def _stands_first(rows: list[Row], rule: Row, mac: str) -> bool:
    """Whether a drop rule in `forward` comes before every rule that could let its packets through."""
    above = rows[: rows.index(rule)]
    passing = any(says(row, chain="forward") and row.get("action") not in ("drop", "reject") for row in above)
    return says(rule, chain="forward") and drops(rule, mac) and not passing


def _in_chain(row: Row) -> bool:
    return row.get("chain") == CHAIN
