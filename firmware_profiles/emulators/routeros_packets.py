"""Packets through the emulated router, so that a test can ask the only question that matters: may it play?

Follows help.mikrotik.com 'Packet flow' as far as a forwarded packet goes: a fast-tracked connection skips
the filter; otherwise rules are met in order, `jump` and `return` as in iptables, `fasttrack-connection`
marks the connection and goes on, and what no rule judged is let through.
"""

from dataclasses import dataclass

from firmware_profiles.emulators.routeros import RouterBox, Row


@dataclass(frozen=True, slots=True)
class Packet:
    """From `src` to `dst`. `src_mac` is seen only on packets that come from the router's own segment."""

    src: str
    dst: str
    src_mac: str = ""

    @property
    def family(self) -> str:
        """The menus that judge it."""
        return "/ipv6" if ":" in self.src else "/ip"


def forward(box: RouterBox, packet: Packet) -> bool:
    """Send one packet through; whether it came out. Keeps the connection table as the router would."""
    menu = f"{packet.family}/firewall/connection"
    known = next((row for row in box.rows(menu) if _same_connection(row, packet)), None)
    if known is not None and (menu, known[".id"]) in box.fasttracked:
        return True
    verdict = _Walk(box, packet, known)
    passed = verdict.chain("forward") is not False
    if passed and known is None:
        box.add(menu, {"src-address": _with_port(packet.src), "dst-address": _with_port(packet.dst)})
    return passed


class _Walk:
    """One packet on its way through the chains. A verdict is True, False, or None for 'go on'."""

    def __init__(self, box: RouterBox, packet: Packet, connection: Row | None) -> None:
        self._box = box
        self._packet = packet
        self._connection = connection
        self._table = f"{packet.family}/firewall/connection"
        self._rules = box.rows(f"{packet.family}/firewall/filter")
        self._lists = box.rows(f"{packet.family}/firewall/address-list")

    def chain(self, name: str) -> bool | None:
        for rule in self._rules:
            if rule["chain"] != name or rule["disabled"] == "true" or not self._matches(rule):
                continue
            match rule["action"]:
                case "accept":
                    return True
                case "drop" | "reject":
                    return False
                case "return":
                    return None
                case "jump":
                    verdict = self.chain(rule["jump-target"])
                    if verdict is not None:
                        return verdict
                case "fasttrack-connection" if self._connection is not None:
                    self._box.fasttracked.add((self._table, self._connection[".id"]))
        return None

    def _matches(self, rule: Row) -> bool:
        state = "new" if self._connection is None else "established"
        states = rule.get("connection-state", state).split(",")
        mac = rule.get("src-mac-address")
        return (
            state in states
            and mac in (None, self._packet.src_mac)
            and self._in_list(rule.get("src-address-list"), self._packet.src)
            and self._in_list(rule.get("dst-address-list"), self._packet.dst)
        )

    def _in_list(self, name: str | None, address: str) -> bool:
        return name is None or any(
            entry["list"] == name and entry["address"].partition("/")[0] == address for entry in self._lists
        )


def _same_connection(row: Row, packet: Packet) -> bool:
    ends = {row["src-address"], row["dst-address"]}
    return ends == {_with_port(packet.src), _with_port(packet.dst)}


def _with_port(address: str) -> str:
    return f"[{address}]:443" if ":" in address else f"{address}:443"
