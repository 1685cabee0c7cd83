"""A MikroTik router without its wires: menus of rows, and a packet's way through the filter.

Source: help.mikrotik.com — 'Filter' (chains, jump, return, accept), 'FastTrack' (its packets skip the
filter from then on, both ways), 'Address-lists' (entries with a `timeout` are dynamic, live in RAM and do not
survive a reboot), 'Connection tracking'. The rules it starts with are RouterOS's own default firewall.
Trap messages are those RouterOS gives.

Rule of the file: what the router would do, no protocol. Counterpart: `routeros_rest.py` and
`routeros_api.py` put it on the wire.
"""

from dataclasses import dataclass, field
from itertools import count

from firmware_profiles.emulators.clock import Clock, RealClock

Row = dict[str, str]

#: Menus whose rows can be changed. Those of /ipv6 may be missing on v6.
_TABLES = (
    "/ip/firewall/filter",
    "/ip/firewall/address-list",
    "/ip/firewall/connection",
    "/ip/dhcp-server/lease",
    "/ip/arp",
    "/ipv6/firewall/filter",
    "/ipv6/firewall/address-list",
    "/ipv6/firewall/connection",
    "/ipv6/neighbor",
)
#: What the print of `/system/resource` calls the machine.
_BOARD = "hEX S"


class RouterTrap(Exception):
    """What RouterOS says instead of `!done`. `category` 0: a missing item or command."""

    def __init__(self, message: str, category: int = 4) -> None:
        super().__init__(message)
        self.category = category


@dataclass(slots=True)
class _Table:
    rows: list[Row] = field(default_factory=list)
    ids: "count[int]" = field(default_factory=lambda: count(1))


class RouterBox:
    """The router itself. `version` decides what it can do; `ipv6` False is a v6 without that package."""

    def __init__(
        self,
        *,
        version: str = "7.20.1 (stable)",
        user: str = "holdfast",
        password: str = "",
        ipv6: bool = True,
        serial: str = "A1B2C3D4E5F6",
        changes_timeouts: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.clock = clock or RealClock()
        self.version, self.user, self.password = version, user, password
        self.changes_timeouts, self.serial = changes_timeouts, serial
        self._tables = {menu: _Table() for menu in _TABLES if ipv6 or not menu.startswith("/ipv6")}
        self._booted_s = self.clock.now_s()
        self._ends_s: dict[tuple[str, str], float] = {}
        self.fasttracked: set[tuple[str, str]] = set()
        self._default_firewall()

    # ── what can happen to the thing itself ─────────────────────────────────────────────────────
    def reboot(self) -> None:
        """RAM is gone: timed entries, connections, ARP."""
        self._booted_s = self.clock.now_s()
        self._ends_s.clear()
        self.fasttracked.clear()
        for menu, table in self._tables.items():
            if menu.endswith(("/connection", "/arp", "/neighbor")):
                table.rows.clear()
            table.rows = [row for row in table.rows if "timeout" not in row]

    def lose_config(self) -> None:
        """Reset to the defaults."""
        for table in self._tables.values():
            table.rows.clear()
        self.reboot()
        self._default_firewall()

    def lease_address(self, mac: str, address: str, fixed: bool = True) -> None:
        """DHCP knows a machine; a `fixed` lease is there even while it is off."""
        self.add(
            "/ip/dhcp-server/lease",
            {"mac-address": mac, "address": address, "dynamic": "false" if fixed else "true"},
        )

    def hear(self, mac: str, address: str) -> None:
        """A machine spoke up: ARP or neighbour discovery remembers it."""
        self.add("/ipv6/neighbor" if ":" in address else "/ip/arp", {"mac-address": mac, "address": address})

    # ── menus ───────────────────────────────────────────────────────────────────────────────────
    def rows(self, menu: str) -> list[Row]:
        """All rows as `print` gives them now. Raises `RouterTrap`."""
        if menu == "/system/resource":
            return [{"version": self.version, "board-name": _BOARD, "uptime": f"{int(self._uptime_s)}s"}]
        if menu == "/system/routerboard":
            return [{"model": "RB760iGS", "serial-number": self.serial, "current-firmware": self.version}]
        table = self._table(menu)
        self._expire(menu, table)
        return [self._printed(menu, row) for row in table.rows]

    def add(self, menu: str, values: Row) -> str:
        """A new row; its id. Raises `RouterTrap`."""
        table = self._table(menu)
        self._expire(menu, table)
        values = dict(values)
        before = values.pop("place-before", None)
        if menu.endswith("/address-list"):
            self._check_entry(table, values)
        row = {".id": f"*{next(table.ids):X}", "disabled": "false", "dynamic": "false", **values}
        table.rows.insert(len(table.rows) if before is None else self._place(table, before), row)
        if "timeout" in row:
            row["dynamic"] = "true"
            self._ends_s[menu, row[".id"]] = self.clock.now_s() + duration_s(row["timeout"])
        return row[".id"]

    def set(self, menu: str, row_id: str, values: Row) -> None:
        """Change a row. Raises `RouterTrap`."""
        row = self._find(menu, row_id)
        if "timeout" in values:
            if not self.changes_timeouts:
                raise RouterTrap("failure: can not change dynamic entry")
            self._ends_s[menu, row_id] = self.clock.now_s() + duration_s(values["timeout"])
        row.update(values)

    def remove(self, menu: str, row_id: str) -> None:
        """Take a row away. Raises `RouterTrap`."""
        row = self._find(menu, row_id)
        self._table(menu).rows.remove(row)
        self.fasttracked.discard((menu, row_id))

    def move(self, menu: str, row_id: str, before: str) -> None:
        """Put a row in front of another. Raises `RouterTrap`."""
        table = self._table(menu)
        row = self._find(menu, row_id)
        table.rows.remove(row)
        table.rows.insert(self._place(table, before), row)

    @property
    def _uptime_s(self) -> float:
        return self.clock.now_s() - self._booted_s

    def _table(self, menu: str) -> _Table:
        if menu not in self._tables:
            raise RouterTrap("no such command prefix", category=0)
        return self._tables[menu]

    def _find(self, menu: str, row_id: str) -> Row:
        table = self._table(menu)
        self._expire(menu, table)
        for row in table.rows:
            if row[".id"] == row_id:
                return row
        raise RouterTrap("no such item", category=0)

    def _place(self, table: _Table, before: str) -> int:
        for place, row in enumerate(table.rows):
            if row[".id"] == before:
                if row["dynamic"] == "true":
                    raise RouterTrap("failure: can not move before dynamic row")
                return place
        raise RouterTrap("no such item", category=0)

    def _check_entry(self, table: _Table, values: Row) -> None:
        if not values.get("list") or not values.get("address"):
            raise RouterTrap("missing =list= or =address=", category=1)
        twin = (values["list"], values["address"])
        if any((row["list"], row["address"]) == twin for row in table.rows):
            raise RouterTrap("failure: already have such entry")

    def _expire(self, menu: str, table: _Table) -> None:
        now_s = self.clock.now_s()
        table.rows = [row for row in table.rows if self._ends_s.get((menu, row[".id"]), now_s + 1) > now_s]

    def _printed(self, menu: str, row: Row) -> Row:
        end_s = self._ends_s.get((menu, row[".id"]))
        if end_s is None:
            return dict(row)
        return {**row, "timeout": written(end_s - self.clock.now_s())}

    def _default_firewall(self) -> None:
        for menu in (menu for menu in self._tables if menu.endswith("/filter")):
            for row in _DEFAULT_FILTER:
                row_id = self.add(menu, row)
                if row["comment"].startswith("special dummy"):
                    self._find(menu, row_id)["dynamic"] = "true"


#: /ip/firewall/filter of a new router, as far as `forward` goes.
_DEFAULT_FILTER: tuple[Row, ...] = (
    {
        "chain": "forward",
        "action": "passthrough",
        "comment": "special dummy rule to show fasttrack counters",
    },
    {
        "chain": "input",
        "action": "accept",
        "connection-state": "established,related,untracked",
        "comment": "defconf: accept established,related,untracked",
    },
    {
        "chain": "forward",
        "action": "fasttrack-connection",
        "connection-state": "established,related",
        "comment": "defconf: fasttrack",
    },
    {
        "chain": "forward",
        "action": "accept",
        "connection-state": "established,related,untracked",
        "comment": "defconf: accept established,related, untracked",
    },
    {
        "chain": "forward",
        "action": "drop",
        "connection-state": "invalid",
        "comment": "defconf: drop invalid",
    },
)

_UNITS_S = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


def duration_s(text: str) -> float:
    """`1h2m3s`, `3600s` or `3600` in seconds. Raises `RouterTrap`."""
    total, digits = 0, ""
    for letter in text:
        if letter.isdigit():
            digits += letter
        elif letter in _UNITS_S and digits:
            total, digits = total + int(digits) * _UNITS_S[letter], ""
        else:
            raise RouterTrap("invalid time value for argument timeout", category=1)
    return float(total + int(digits or 0))


def written(seconds: float) -> str:
    """Seconds as RouterOS prints them: `1h59m58s`."""
    left, text = max(0, int(seconds)), ""
    for unit, size in _UNITS_S.items():
        if left >= size:
            text, left = f"{text}{left // size}{unit}", left % size
    return text or "0s"
