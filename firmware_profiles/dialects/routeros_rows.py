"""Rows of a RouterOS firewall: asking for them, recognising ours, and the addresses a machine goes by.

Each function that talks is a flow: a generator that yields an `Ask` (one command on one menu), is sent the
rows that came back, and returns what it found; a complaint of the router is thrown into it as `Trap`.
Rows are known by their comments, `holdfast:<what>`, never by number: numbers change with every print.

Counterpart: `routeros_rules.py` says which rows there must be.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TypeVar

from firmware_profiles.dialects import routeros_time

Row = dict[str, str]
T = TypeVar("T")

ALLOWED = "holdfast-allowed"
KNOWN = "holdfast-known"


@dataclass(frozen=True, slots=True)
class Ask:
    """One command. `verb` is `print`, `add`, `set` or `remove`; a print is filtered by `where` and tells
    only the fields named in `only`, all of them when it is empty."""

    menu: str
    verb: str
    where: Row = field(default_factory=dict)
    values: Row = field(default_factory=dict)
    id: str = ""
    only: tuple[str, ...] = ()


class Trap(Exception):
    """The router says no. `missing`: there is no such item, or no such menu on this router."""

    def __init__(self, message: str, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


Flow = Generator[Ask, list[Row], T]


# ── rows ────────────────────────────────────────────────────────────────────────────────────────
def tag(mac: str) -> str:
    """The comment by which a machine's rows are known."""
    return f"holdfast:{mac}"


def normal_mac(mac: str) -> str:
    """`aa-bb-cc-00-00-01` as RouterOS prints it, `AA:BB:CC:00:00:01`."""
    digits = "".join(filter(str.isalnum, mac)).upper()
    return ":".join(digits[place : place + 2] for place in range(0, len(digits), 2))


def filter_rows(family: str) -> Flow[list[Row] | None]:
    """The filter without rows the router made itself; None where the family is not installed."""
    rows = yield from print_if_there(f"{family}/firewall/filter")
    return None if rows is None else [row for row in rows if row.get("dynamic") != "true"]


def print_if_there(menu: str, where: Row | None = None, only: tuple[str, ...] = ()) -> Flow[list[Row] | None]:
    """Rows, or None where this router has no such menu (v6 without the package)."""
    try:
        return (yield Ask(menu, "print", where=where or {}, only=only))
    except Trap as trap:
        if trap.missing:
            return None
        raise


def rules_of(rows: list[Row], mac: str) -> list[Row]:
    """Filter rules that were laid for one machine."""
    return [row for row in rows if row.get("comment") == tag(mac)]


def drops(row: Row, mac: str) -> bool:
    """Whether a rule is in force and stops what this machine sends."""
    return says(row, action="drop") and enabled(row) and normal_mac(row.get("src-mac-address", "")) == mac


def first_of(rows: list[Row], chain: str) -> Row | None:
    """The row that packets in `chain` meet first."""
    return next((row for row in rows if row.get("chain") == chain), None)


def says(row: Row, **fields: str) -> bool:
    """Whether a row has these fields (those whose names are Python words)."""
    return all(row.get(name) == value for name, value in fields.items())


def enabled(row: Row) -> bool:
    """Whether nobody switched the row off by hand."""
    return row.get("disabled", "false") in ("false", "no")


def holds(row: Row, values: Row) -> bool:
    """Whether a printed row says what was set; lists of words come back in the router's own order."""
    return all(set(row.get(name, "").split(",")) == set(value.split(",")) for name, value in values.items())


def add(menu: str, values: Row, before: Row | None = None) -> Flow[None]:
    """A new row, at the end or in front of another."""
    place = {} if before is None else {"place-before": before[".id"]}
    yield Ask(menu, "add", values={**values, **place})


def remove(menu: str, row: Row) -> Flow[None]:
    """Remove a row that may be gone already."""
    try:
        yield Ask(menu, "remove", id=row[".id"])
    except Trap as trap:
        if not trap.missing:
            raise


# ── addresses ───────────────────────────────────────────────────────────────────────────────────
def addresses_of(mac: str) -> Flow[dict[str, tuple[str, ...]]]:
    """Where the machine is now, by family. Fixed DHCP leases are known even while it is off."""
    leases = (yield from print_if_there("/ip/dhcp-server/lease", {"mac-address": mac})) or []
    found = [row.get("active-address") or row.get("address", "") for row in leases]
    if not found:
        heard = (yield from print_if_there("/ip/arp", {"mac-address": mac})) or []
        found = [row.get("address", "") for row in heard]
    neighbours = (yield from print_if_there("/ipv6/neighbor", {"mac-address": mac})) or []
    global_six = [row["address"] for row in neighbours if not row.get("address", "fe80").startswith("fe80")]
    return {"/ip": _distinct(found), "/ipv6": _distinct(global_six)}


def _distinct(addresses: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host_of(address) for address in addresses if address))


def host_of(address: str) -> str:
    """An address without prefix length or port: `1.2.3.4:80`, `2001:db8::1/128`, `[2001:db8::1]:80`."""
    bare = address.partition("/")[0]
    if bare.startswith("["):
        return bare[1:].partition("]")[0]
    return bare.partition(":")[0] if bare.count(":") == 1 else bare


def listed(family: str, mac: str) -> Flow[list[Row]]:
    """The machine's entries in both of our lists."""
    return (yield from print_if_there(f"{family}/firewall/address-list", {"comment": tag(mac)})) or []


def keep_known(menu: str, rows: list[Row], mac: str, wanted: tuple[str, ...]) -> Flow[None]:
    """Remember which addresses are the machine's, so that what comes in for them can be dropped."""
    known = {host_of(row["address"]): row for row in rows if row.get("list") == KNOWN}
    for address in wanted:
        if address not in known:
            yield from add(menu, {"list": KNOWN, "address": address, "comment": tag(mac)})
    for address, row in known.items():
        if wanted and address not in wanted:
            yield from remove(menu, row)


def lease(menu: str, rows: list[Row], mac: str, address: str, for_s: float) -> Flow[None]:
    """Set the time anew; a router that will not change a running entry gets a new one."""
    timeout = f"{max(1, round(for_s))}s"
    for row in rows:
        if row.get("list") == ALLOWED and host_of(row["address"]) == address:
            try:
                yield Ask(menu, "set", values={"timeout": timeout}, id=row[".id"])
            except Trap:
                yield from remove(menu, row)
            else:
                return
    values = {"list": ALLOWED, "address": address, "timeout": timeout, "comment": tag(mac)}
    yield from add(menu, values)


def lease_s(row: Row) -> float | None:
    """Seconds an entry still has, None for one without an end."""
    text = row.get("timeout", "")
    return routeros_time.seconds(text) if text else None


def end_conversations(family: str, addresses: set[str]) -> Flow[None]:
    """Established connections would go on; without their row the next packet is judged as new."""
    menu = f"{family}/firewall/connection"
    ends_told = ("src-address", "dst-address", "reply-src-address")
    for row in (yield from print_if_there(menu, only=(".id", *ends_told))) or []:
        ends = (row.get(name, "") for name in ends_told)
        if any(host_of(end) in addresses for end in ends):
            yield from remove(menu, row)
