"""Devices of the venue that answer but may not serve yet: heard by mDNS, or asked for by address.

Every announcement leads to a question, because anybody on the Wi-Fi can announce anything. What answers is
known by its MAC or serial number. When a device in service answers at another address than the one in the
book, it has moved: the book is corrected, once the old address does not lead to it any more. So a stranger
who announces a plug's name gets neither its pass word nor its place while the plug is there.

Rule of the file: it changes nothing on any device. Counterpart: `adopting.py` takes them into service.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from edge.core.devices.bindings import DeviceAddress
from edge.core.devices.ports import DeviceError, DeviceIdentity, DeviceRefused, PrinterStopped
from edge.effects.devices.address_book import AddressBook, Entry
from protocol.facts.device import DeviceKind

#: Devices asked at the same time; a plug serves six connections, a box has more to do.
_AT_ONCE = 4
#: Devices remembered; the oldest that announced nothing goes first.
MOST_FOUND = 512

#: Asks who is there in the first of these dialects that is understood. Raises `DeviceError`.
Recognise = Callable[
    [DeviceKind, Sequence[str], DeviceAddress], Awaitable[tuple[DeviceAddress, DeviceIdentity]]
]

log = logging.getLogger(__name__)


class Found(msgspec.Struct, frozen=True):
    """What answers at `at`. `identity` None: it wants a pass word, or paper, first."""

    id: str
    kind: DeviceKind
    at: DeviceAddress
    dialects: tuple[str, ...]
    identity: DeviceIdentity | None
    instance: str = ""


class Hint(msgspec.Struct, frozen=True):
    """An announcement worth asking about."""

    kind: DeviceKind
    dialects: tuple[str, ...]
    url: str
    instance: str


def device_id(identity: DeviceIdentity) -> str | None:
    """How a device is known for good; None for one that tells nothing of itself."""
    mac = "".join(letter for letter in identity.mac.upper() if letter in "0123456789ABCDEF")
    if len(mac) == 12 and mac.strip("0"):
        return mac
    serial = "".join(letter for letter in identity.device_id if letter.isalnum() or letter in "-._")
    return f"sn-{serial[:60]}" if serial else None


class Discovery:
    """`hear` takes announcements, `run` asks about them, `look` asks at an address now."""

    def __init__(
        self,
        book: AddressBook,
        recognise: Recognise,
        in_service: Callable[[str], bool],
        moved: Callable[[], Awaitable[None]],
    ) -> None:
        self._book = book
        self._recognise = recognise
        self._in_service = in_service
        self._moved = moved
        self._found: dict[str, Found] = {}
        self._hints: asyncio.Queue[Hint] = asyncio.Queue(MOST_FOUND)

    def found(self) -> list[Found]:
        """What is known now, in the order in which it was found."""
        return list(self._found.values())

    def of(self, key: str) -> Found | None:
        """One of them."""
        return self._found.get(key)

    def hear(self, hint: Hint) -> None:
        """Something announced itself; it will be asked. A flood of announcements is cut off."""
        if not self._hints.full():
            self._hints.put_nowait(hint)

    def gone(self, instance: str) -> None:
        """It said goodbye."""
        for key in [key for key, each in self._found.items() if each.instance == instance]:
            del self._found[key]

    async def run(self) -> None:
        """Ask whoever announced itself, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for number in range(_AT_ONCE):
                group.create_task(self._work(), name=f"discovery {number}")

    async def _work(self) -> None:
        while True:
            hint = await self._hints.get()
            try:
                await self._ask(hint)
            except DeviceError as error:
                log.info("%s announced itself and is no device of the house: %s", hint.instance, error)
            except (OSError, sqlite3.Error):
                log.exception("the disk fails; %s is asked again when it announces itself", hint.instance)

    async def _ask(self, hint: Hint) -> None:
        known = self._book.of_instance(hint.instance)
        entry = self._book.of(known) if known else None
        try:
            at, identity = await self._recognise(hint.kind, hint.dialects, DeviceAddress("", hint.url))
        except DeviceRefused:
            await self._ask_with_password(hint, known, entry)
            return
        except PrinterStopped:
            self._lock(hint, known)
            return
        await self._keep(hint.kind, hint.dialects, at, identity, hint.instance)

    async def _ask_with_password(self, hint: Hint, known: str | None, entry: Entry | None) -> None:
        """It says nothing without a pass word. The one in the book is told to it only if it has moved."""
        if known is None or entry is None or entry.at.url == hint.url:
            self._lock(hint, known)
        elif not await self._still_at(known, entry):
            at = msgspec.structs.replace(entry.at, url=hint.url)
            at, identity = await self._recognise(hint.kind, hint.dialects, at)
            await self._keep(hint.kind, hint.dialects, at, identity, hint.instance)

    def _lock(self, hint: Hint, known: str | None) -> None:
        at = DeviceAddress(hint.dialects[0], hint.url)
        name = "".join(letter for letter in hint.instance if letter.isalnum() or letter in "-._")[:60]
        self._remember(Found(known or f"as-{name}", hint.kind, at, hint.dialects, None, hint.instance))

    async def look(self, kind: DeviceKind, dialects: Sequence[str], at: DeviceAddress) -> Found:
        """Ask at an address now. Raises `DeviceError`, and `OSError` when the book cannot be written."""
        where, identity = await self._recognise(kind, dialects, at)
        return await self._keep(kind, tuple(dialects), where, identity)

    async def _keep(
        self,
        kind: DeviceKind,
        dialects: tuple[str, ...],
        at: DeviceAddress,
        identity: DeviceIdentity,
        instance: str = "",
    ) -> Found:
        key = device_id(identity)
        found = Found(key or f"at-{_plain(at.url)}", kind, at, dialects, identity, instance)
        entry = self._book.of(found.id)
        if self._in_service(found.id):
            await (self._follow(found, entry) if entry is not None else self._learn(found))
        self._remember(found)
        return found

    async def _learn(self, found: Found) -> None:
        """A box that took another one's place knows what serves, but not where: it has another book."""
        self._book.write(found.id, Entry(found.at, found.instance))
        await self._moved()

    async def _follow(self, found: Found, entry: Entry) -> None:
        """Correct the book if a device in service answers elsewhere now, and not where it did."""
        if entry.at.url == found.at.url or await self._still_at(found.id, entry):
            return
        log.info("%s has moved from %s to %s", found.id, entry.at.url, found.at.url)
        at = msgspec.structs.replace(entry.at, url=found.at.url)
        self._book.write(found.id, Entry(at, found.instance or entry.instance))
        await self._moved()

    async def _still_at(self, key: str, entry: Entry) -> bool:
        kind: DeviceKind = "printer" if entry.at.dialect == "escpos" else "plug"
        if entry.at.dialect.startswith("routeros"):
            kind = "router"
        try:
            _, identity = await self._recognise(kind, (entry.at.dialect,), entry.at)
        except DeviceError:
            return False
        return device_id(identity) == key

    def _remember(self, found: Found) -> None:
        self._found.pop(found.id, None)
        self._found[found.id] = found
        if len(self._found) > MOST_FOUND:
            del self._found[next(iter(self._found))]


def _plain(url: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in url)[:60]
