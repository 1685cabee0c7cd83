"""Tables, carts and prices, as a journal tells them.

A line is priced by the newest menu when it is added and keeps that menu's price for ever (invariant 9), its
versions go up by one, and it is in one order at most. `lines` is what `order_check.py` compares orders with.
"""

from collections import defaultdict
from typing import Any, ClassVar

from tests.simulation.reading import Complaints, Json, Reader


class CartReader(Reader):
    """Reads what happens at tables and in their carts."""

    EVENTS: ClassVar = {
        "TableOpened": "_opened",
        "TableClosed": "_closed",
        "MemberJoined": "_joined",
        "ItemAdded": "_added",
        "ItemChanged": "_changed",
        "ItemRemoved": "_removed",
        "CartLocked": "_locked",
        "CartUnlocked": "_unlocked",
        "ItemsOrdered": "_ordered",
        "MenuAdopted": "_menu_adopted",
    }

    def __init__(self, said: Complaints) -> None:
        super().__init__(said)
        self.versions: dict[tuple[str, int], tuple[tuple[int, int, int], ...]] = {}
        #: session -> line id -> the line as it is.
        self.lines: dict[str, dict[int, Json]] = defaultdict(dict)
        self._menus: dict[int, Json] = {}
        self._locks: dict[str, str] = {}
        self._seated: dict[str, str] = {}
        self._hosts: set[str] = set()
        self._last_line = 0

    def take(self, name: str, event: Json, fact: Json) -> None:
        """As `Reader`, and remember what the cart holds after it."""
        super().take(name, event, fact)
        if fact["aggregate"].startswith("cart:"):
            live = (line for line in self.lines[name].values() if line["state"] in ("pending", "locked"))
            held = tuple(sorted((line["id"], line["version"], line["qty"]) for line in live))
            self.versions[name, fact["version"]] = held

    def _opened(self, session: str, event: Json, _fact: Json) -> None:
        code = event["table_code"]
        self._say(code not in self._seated.values(), f"{code} was opened while it was open")
        self._seated[session] = code

    def _closed(self, session: str, _event: Json, _fact: Json) -> None:
        self._say(session in self._seated, f"{session} was closed while it was not open")
        self._say(session not in self._locks, f"{session} was closed while an order was under way")
        self._seated.pop(session, None)

    def _joined(self, _session: str, event: Json, _fact: Json) -> None:
        if event.get("host"):
            self._hosts.add(event["member_pid"])

    def _added(self, session: str, event: Json, _fact: Json) -> None:
        line = {"version": 1, "modifiers": [], **event["item"], "state": "pending"}
        newest = max(self._menus, default=0)
        self._say(session in self._seated, f"line {line['id']} was added to a table that is not open")
        self._say(session not in self._locks, f"line {line['id']} was added to a locked cart")
        self._say(line["id"] > self._last_line, f"line {line['id']} came after {self._last_line}")
        self._say(
            line["menu_version"] == newest,
            f"line {line['id']} is of menu {line['menu_version']}, not {newest}",
        )
        self._last_line = line["id"]
        self.lines[session][line["id"]] = line
        self._price(line)

    def _price(self, line: Json) -> None:
        """What the menu version that it names asks for it, options included."""
        menu = self._menus.get(line["menu_version"], {"items": {}, "options": {}})
        item = menu["items"].get(line["menu_item"])
        if item is None:
            self._say(False, f"line {line['id']} is on no menu {line['menu_version']}")
            return
        price = item["price_minor"] + sum(menu["options"][option] for option in line["modifiers"])
        good = line["price_minor"] == price
        self._say(good, f"line {line['id']} costs {line['price_minor']} instead of {price}")

    def _changed(self, session: str, event: Json, fact: Json) -> None:
        line = self._moved(session, event, fact)
        if line is not None:
            line.update(qty=event["qty"], price_minor=event["price_minor"])
            line.update(modifiers=event.get("modifiers", []))
            self._price(line)

    def _removed(self, session: str, event: Json, fact: Json) -> None:
        line = self._moved(session, event, fact)
        if line is not None:
            line["state"] = "removed"

    def _moved(self, session: str, event: Json, fact: Json) -> Json | None:
        line = self.lines[session].get(event["id"])
        if line is None or line["state"] != "pending" or event["version"] != line["version"] + 1:
            self._say(False, f"{event} does not follow {line}")
            return None
        line["version"] = event["version"]
        by = fact["by"].rpartition(":")[2]
        self._say(by == line["member"] or by in self._hosts, f"{by} changed {line['member']}'s {line['id']}")
        return line

    def _locked(self, session: str, event: Json, _fact: Json) -> None:
        self._say(session not in self._locks, f"the cart of {session} was locked twice")
        self._locks[session] = event["order_id"]
        self._move_all(session, "pending", "locked")

    def _unlocked(self, session: str, event: Json, _fact: Json) -> None:
        self._say(self._locks.pop(session, None) == event["order_id"], f"{event} without its lock")
        self._move_all(session, "locked", "pending")

    def _ordered(self, session: str, event: Json, _fact: Json) -> None:
        self._say(self._locks.pop(session, None) == event["order_id"], f"{event} without its lock")
        self._move_all(session, "locked", "ordered")

    def _move_all(self, session: str, before: str, after: str) -> None:
        for line in self.lines[session].values():
            if line["state"] == before:
                line["state"] = after

    def _menu_adopted(self, _name: str, event: Json, _fact: Json) -> None:
        menu: dict[str, Any] = event["menu"]
        version, groups = menu["menu_version"], menu.get("modifier_groups", [])
        options = [option for group in groups for option in group["options"]]
        self._say(
            version > max(self._menus, default=0),
            f"menu {version} was adopted after {max(self._menus, default=0)}",
        )
        self._menus[version] = {
            "items": {item["id"]: item for item in menu["items"]},
            "options": {option["id"]: option.get("price_minor", 0) for option in options},
        }

    def finish(self) -> None:
        """Nobody waits for ever."""
        self._say(not self._locks, f"carts are locked for ever: {self._locks}")
