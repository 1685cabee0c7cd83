"""Routers: a row per software generation, because that, not the case, decides how they are spoken to.

Sources: REST since 7.1beta4 over www-ssl, manual.mikrotik.com 'REST API'; plain log-in since 6.43 and
`!empty` since 7.18, help.mikrotik.com 'API'.

OpenWrt is left out on purpose: its gate would fail open. Rules of our own would have to stand in a table of
their own, because fw4 writes its table anew at every reload; such a table is gone after a reboot, and until
somebody has laid it again everything passes. Where flow offloading is on, packets of a conversation under way
never see a filter (kernel.org, 'Netfilter's flowtable infrastructure'), and no standard image has the tool to
end them. And the way in, `file exec` over ubus (openwrt.org, 'ubus'), is root on the router.

Counterpart: `edge/adapters/devices/routeros_rest.py`, `routeros_api.py`.
"""

from dataclasses import dataclass

from firmware_profiles.catalogue.version import version_of


@dataclass(frozen=True, slots=True)
class RouterSoftware:
    """From version `since` on: `dialects` in order of preference, `login` the way into the binary API."""

    vendor: str
    since: tuple[int, int]
    dialects: tuple[str, ...]
    login: str = "plain"
    says_empty: bool = False


@dataclass(frozen=True, slots=True)
class RouterModel:
    """A board the house was written for; any board with a known software works."""

    model: str
    name: str
    vendor: str


ROUTER_SOFTWARE = (
    RouterSoftware("mikrotik", (6, 0), ("routeros_api",), login="challenge"),
    RouterSoftware("mikrotik", (6, 43), ("routeros_api",)),
    RouterSoftware("mikrotik", (7, 1), ("routeros_rest", "routeros_api")),
    RouterSoftware("mikrotik", (7, 18), ("routeros_rest", "routeros_api"), says_empty=True),
)

ROUTERS = (
    RouterModel("RB750Gr3", "hEX", "mikrotik"),
    RouterModel("E50UG", "hEX refresh", "mikrotik"),
    RouterModel("RB760iGS", "hEX S", "mikrotik"),
    RouterModel("RBD52G-5HacD2HnD", "hAP ac²", "mikrotik"),
    RouterModel("C52iG-5HaxD2HaxD", "hAP ax²", "mikrotik"),
    RouterModel("RB4011iGS+", "RB4011", "mikrotik"),
    RouterModel("RB5009UG+S+", "RB5009", "mikrotik"),
    RouterModel("CHR", "Cloud Hosted Router", "mikrotik"),
)

_BY_MODEL = {row.model: row for row in ROUTERS}


def find_router(model: str) -> RouterModel | None:
    """The row for a board, None for one the catalogue does not hold."""
    return _BY_MODEL.get(model)


def software_of(vendor: str, version: str) -> RouterSoftware | None:
    """The newest row not younger than `version` (`7.18.2 (stable)`), None for an unknown one."""
    rows = [row for row in ROUTER_SOFTWARE if row.vendor == vendor and row.since <= version_of(version)[:2]]
    return rows[-1] if rows else None
