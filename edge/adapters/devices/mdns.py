"""The box on the venue's multicast DNS: it says that it is there, and hears who else is (RFC 6762, 6763).

One shared instance and one interface, or the same thing is heard twice and answers loop between Wi-Fi and
cable. Another box of the same name is no error: `allow_name_change` makes ours 'name (2)'. A network on
which multicast is impossible (a container, a guest network with client isolation) is told in words in
`trouble`; everything else goes on, and devices can still be looked for by address.

Rule of the file: it passes on what was announced and believes none of it. Counterpart:
`edge/effects/devices/discovery.py` asks who is really there; `firmware_profiles/catalogue/announcements.py`.
"""

import asyncio
import contextlib
import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Mapping, Sequence

import ifaddr
import msgspec
from zeroconf import Error, IPVersion, ServiceInfo, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

SERVICE = "_holdfast._tcp.local."
_GROUP = "224.0.0.251"
_ASK_WITHIN_MS = 3000
#: How often the interface is looked at, and multicast tried again.
_AGAIN_S = 10.0
#: More devices than this nobody has; whoever announces more is not one of ours.
MOST_HEARD = 512

log = logging.getLogger(__name__)


class Sighting(msgspec.Struct, frozen=True):
    """What was announced: `host` is an IPv4 address; `here` False says goodbye."""

    service: str
    instance: str
    host: str = ""
    port: int = 0
    txt: dict[str, str] = {}
    here: bool = True


def interface_for(host: str) -> str:
    """The address of the one interface to use: where the box listens, else the first that leads out."""
    if host not in ("", "0.0.0.0", "::", "localhost"):
        return host
    found = [
        str(each.ip)
        for adapter in ifaddr.get_adapters()
        for each in adapter.ips
        if each.is_IPv4 and not ipaddress.ip_address(str(each.ip)).is_link_local
    ]
    outside = [each for each in found if not ipaddress.ip_address(each).is_loopback]
    return next(iter(outside or found), "127.0.0.1")


class Mdns:
    """`run` announces and listens until cancelled. `trouble` says in words why it cannot, if so.

    `about` is what the box says of itself beside its address (DNS-SD TXT).
    """

    def __init__(
        self,
        host: str,
        services: Sequence[str],
        heard: Callable[[Sighting], None],
        about: Mapping[str, str] | None = None,
    ) -> None:
        self._about = {"path": "/", "v": "1", **(about or {})}
        self._host = host
        self._interface = ""
        self._services = list(services)
        self._heard = heard
        self._known: set[tuple[str, str]] = set()
        self.trouble: str | None = "The box does not listen for devices yet."

    async def run(self, name: str, port: int) -> None:
        """Announce the box as `name` at `port` and hear devices, on whichever interface there is by then.

        A box that starts with the router, after a power cut, has no address for a while, and may get another.
        """
        while True:
            self._interface = interface_for(self._host)
            try:
                _expect_multicast(self._interface)
                zeroconf = AsyncZeroconf(interfaces=[self._interface], ip_version=IPVersion.V4Only)
            except (OSError, Error) as error:
                self._in_trouble(error)
            else:
                await self._serve(zeroconf, name, port)
            await asyncio.sleep(_AGAIN_S)

    async def _serve(self, zeroconf: AsyncZeroconf, name: str, port: int) -> None:
        """Until the interface is another one."""
        changes: asyncio.Queue[tuple[str, str, bool]] = asyncio.Queue(MOST_HEARD)
        browser = self._browse(zeroconf.zeroconf, changes)
        try:
            async with asyncio.TaskGroup() as group:
                resolving = group.create_task(self._resolve(zeroconf.zeroconf, changes), name="mdns")
                await self._announce(zeroconf, name, port)
                await self._stay()
                resolving.cancel()
        finally:
            self._known.clear()
            await browser.async_cancel()
            await zeroconf.async_close()

    async def _stay(self) -> None:
        """Return when the interface has gone, or has another address."""
        while True:
            await asyncio.sleep(_AGAIN_S)
            if interface_for(self._host) != self._interface:
                return

    async def _announce(self, zeroconf: AsyncZeroconf, name: str, port: int) -> None:
        """Whoever announces a name first asks for a second whether it is taken."""
        info = ServiceInfo(
            SERVICE,
            f"{_label(name)}.{SERVICE}",
            addresses=[socket.inet_aton(self._interface)],
            port=port,
            properties=self._about,
            server=f"holdfast-{_label(name).lower().replace(' ', '-')}.local.",
        )
        try:
            await zeroconf.async_register_service(info, allow_name_change=True)
        except (OSError, Error) as error:
            self._in_trouble(error)
        else:
            self.trouble = None

    def _in_trouble(self, error: Exception) -> None:
        self.trouble = (
            f"Devices cannot be heard here: multicast on {self._interface} does not work "
            f"({error or type(error).__name__}). Look for them by address."
        )
        log.warning("%s", self.trouble)

    def _browse(
        self, zeroconf: Zeroconf, changes: "asyncio.Queue[tuple[str, str, bool]]"
    ) -> AsyncServiceBrowser:
        def changed(
            zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
        ) -> None:
            with contextlib.suppress(asyncio.QueueFull):  # a flood of announcements is not ours
                changes.put_nowait((service_type, name, state_change is not ServiceStateChange.Removed))

        return AsyncServiceBrowser(zeroconf, self._services, handlers=[changed])

    async def _resolve(self, zeroconf: Zeroconf, changes: "asyncio.Queue[tuple[str, str, bool]]") -> None:
        """Ask where each announced thing is, one after the other. Nonsense is left alone."""
        while True:
            service, name, here = await changes.get()
            instance = name.removesuffix(f".{service}")
            if not here:
                self._known.discard((service, instance))
                self._heard(Sighting(service, instance, here=False))
                continue
            try:
                sighting = await self._ask(zeroconf, service, name, instance)
            except (Error, OSError, ValueError) as error:
                log.info("%s announced itself in a way that nobody understands: %s", instance, error)
            else:
                if sighting is not None:
                    self._known.add((service, instance))
                    self._heard(sighting)

    async def _ask(self, zeroconf: Zeroconf, service: str, name: str, instance: str) -> Sighting | None:
        """The announcement with its address, if that is one of a local network other than the box itself."""
        info = AsyncServiceInfo(service, name)
        if len(self._known) >= MOST_HEARD or not await info.async_request(zeroconf, _ASK_WITHIN_MS):
            return None
        ours = ipaddress.ip_address(self._interface).is_loopback
        addresses = [ipaddress.ip_address(each) for each in info.parsed_addresses(IPVersion.V4Only)]
        hosts = [str(each) for each in addresses if each.is_private and each.is_loopback is ours]
        if not hosts or not info.port:
            return None
        txt = {key: value or "" for key, value in info.decoded_properties.items() if key}
        return Sighting(service, instance, hosts[0], info.port, txt)


def _expect_multicast(interface: str) -> None:
    """Raises `OSError` where multicast is impossible; zeroconf would leave its socket open then."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        group = socket.inet_aton(_GROUP) + socket.inet_aton(interface)
        probe.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)


def _label(name: str) -> str:
    """A name as DNS takes it: no dots, 63 bytes at most."""
    plain = re.sub(r"[^A-Za-z0-9 -]+", "", name).strip() or "box"
    return plain[:48]
