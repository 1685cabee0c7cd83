"""From a release that the cloud has for this box to one that is in place, told to everybody at each step.

    told to the cloud -> offered -> fetched -> waiting, with its reasons -> handed over -> installed
                                                                               `-> rolled back, refused

The box asks at every quarter of an hour, fetches what it lacks, and looks again and again whether the venue
can spare it. It hands a complete bundle over to root and reads from the progress what became of it, in this
life or in the next one, for the upgrade ends this process. A release that was taken back is not tried again
unless somebody says so.

Counterparts: `edge/core/afar/upgrading.py` decides, `cloud/ingest/release_door.py` offers and is told.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

import msgspec

from edge.core.afar import upgrading as core
from edge.core.afar.commands import FinishCommand
from edge.core.afar.upgrading import Reason, Scene, Word
from edge.core.clock import Now
from edge.effects.releases.shelf import BadRelease, Shelf
from edge.journal.writer import Accepted, Outcome
from edge.provision.asked import Wanted
from edge.provision.upgrade import Progress
from protocol import instruction
from protocol.facts.owner_command import OwnerCommand
from protocol.upgrade import Manifest, Offer, Standing, State, is_newer

log = logging.getLogger(__name__)

#: Of the progress that root writes, what it is called to others.
ENDS: dict[str, State] = {
    "kept": "installed",
    "returned": "rolled_back",
    "stranded": "rolled_back",
    "refused": "refused",
}
#: Phases in which the former release may have been touched; `holdfast-upgrade.service` sees them through.
UNDER_WAY = ("stopped", "switched")
#: The journal may take an end later that it refuses now.
_ANOTHER_TIME = ("storage_failed", "rate_limited")


class Pace(msgspec.Struct, frozen=True):
    """Seconds: between questions to the cloud, between looks; until a note is void, a refusal forgotten."""

    ask_s: float = 900.0
    look_s: float = 20.0
    taken_up_s: float = 2700.0
    again_s: float = 3600.0


class Door(Protocol):
    """The cloud, as far as releases go. Both raise what is called `closed` when nothing came of it."""

    async def tell(self, standing: Standing) -> Offer | None: ...

    async def fetch(self, offer: Offer, path: str, sha256: str, target: Path) -> None: ...


class _Order(msgspec.Struct, frozen=True):
    """Somebody says *now*. It is of use until `until_ns` on this boot's clock; 0 for one from before it."""

    command_id: str
    version: str
    word: Word
    until_ns: int


class _Handed(msgspec.Struct, frozen=True):
    """A bundle that root was asked to put in place; `asked` is how the progress names the question."""

    version: str
    asked: str
    at_ns: int


class _Refusal(msgspec.Struct, frozen=True):
    """Why a release is not tried for a while."""

    version: str
    why: str
    at_ns: int


class Upgrading:
    """`run` is the task; `order` takes owners' commands; `seen` is told whenever something changed."""

    def __init__(
        self,
        *,
        shelf: Shelf,
        door: Door,
        closed: type[Exception],
        machine: str,
        scene: Callable[[int, int], Scene],
        clock: Callable[[], Now],
        finish: Callable[[FinishCommand], Awaitable[Outcome]],
        seen: Callable[[], None],
        pace: Pace,
    ) -> None:
        self._shelf = shelf
        self._door = door
        self._closed = closed
        self._machine = machine
        self._scene = scene
        self._clock = clock
        self._finish = finish
        self._seen = seen
        self._pace = pace
        self._offer: Offer | None = None
        self._manifest: Manifest | None = None
        self._orders: list[_Order] = []
        self._handed: _Handed | None = None
        self._refusal: _Refusal | None = None
        self._against: tuple[Reason, ...] = ()
        self._trouble = ""
        self._told: Standing | None = None
        self._told_ns: int | None = None
        self._changed = asyncio.Event()
        self.standing = self._stand()

    def look(self) -> None:
        """Something is otherwise than it was: the link is back, or somebody ordered."""
        self._changed.set()

    def order(self, command: OwnerCommand, left_over: bool) -> None:
        """An owner says *now*; `left_over` from before a restart, which may have been the upgrade's own."""
        ask = command.taken.ask
        assert isinstance(ask, instruction.Upgrade)
        word: Word = "insist" if ask.insist else "now"
        until_ns = 0 if left_over else self._clock().mono_ns + command.taken.left_ms * 1_000_000
        self._orders.append(_Order(command.taken.command_id, ask.version, word, until_ns))
        self._told_ns = None  # the cloud is asked first: there may be a release since the last time
        self.look()

    async def run(self) -> None:
        """For ever. A disk or a cloud that fails is tried again at the next look."""
        while True:
            self._changed.clear()
            self._trouble = await self._kept_from(self._look_round)
            self._trouble = await self._kept_from(self._tell) or self._trouble
            try:
                async with asyncio.timeout(self._pace.look_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _look_round(self) -> None:
        await self._tell_cloud()
        await self._get_on()

    async def _tell(self) -> None:
        await self._settle()
        self._show()

    async def _kept_from(self, step: Callable[[], Awaitable[None]]) -> str:
        """Take the step; what kept it from getting on, in words."""
        try:
            await step()
        except OSError as error:
            log.warning("a release waits: %s", error)
            return f"the disk: {error.strerror or error}"
        except sqlite3.Error as error:
            log.error("a release waits for the journal: %s", error)
            return "the disk cannot be read"
        except self._closed as error:
            log.info("a release waits for the line: %s", error)
            return str(error)
        return ""

    def _show(self) -> None:
        """To screens, and at the next look to the cloud, if it is otherwise than it was."""
        standing = self._stand()
        if standing != self.standing:
            self.standing = standing
            self._seen()
            self._changed.set()

    # ── the cloud ────────────────────────────────────────────────────────────────────────────────

    async def _tell_cloud(self) -> None:
        standing, now_ns = self._stand(), self._clock().mono_ns
        due = self._told_ns is None or now_ns - self._told_ns >= self._pace.ask_s * 1e9
        if not due and standing == self._told:
            return
        offer = await self._door.tell(standing)
        self._told, self._told_ns = standing, now_ns
        if offer != self._offer:
            self._offer, self._manifest, self._against = offer, None, ()
            self._shelf.tidy(offer.version if offer else "")

    # ── getting on ───────────────────────────────────────────────────────────────────────────────

    async def _get_on(self) -> None:
        """As far as it goes now."""
        self._take_in_progress()
        offer = self._offer
        if offer is None or self._is_under_way() or not self._may_try(offer.version):
            return
        manifest = self._manifest or self._read(offer)
        if manifest is None:
            return
        self._manifest = manifest
        if self._shelf.lacks(manifest):
            await self._fetch(offer, manifest)
        if not self._shelf.lacks(manifest):
            await self._hand_over(offer, manifest)

    def _take_in_progress(self) -> None:
        """What became of the bundle that was handed over, or that nobody took it up."""
        handed, progress, now_ns = self._handed, self._shelf.progress(), self._clock().mono_ns
        if handed is None:
            return
        if progress.asked == handed.asked and progress.phase in ENDS:
            self._handed = None
            if progress.phase == "refused":
                self._refusal = _Refusal(handed.version, progress.why, now_ns)
        elif now_ns - handed.at_ns >= self._pace.taken_up_s * 1e9 and progress.phase not in UNDER_WAY:
            self._shelf.take_back()
            self._handed = None
            why = "the system did not take it up; run `holdfast-provision check`"
            self._refusal = _Refusal(handed.version, why, now_ns)

    def _is_under_way(self) -> bool:
        return self._handed is not None or self._shelf.progress().phase in UNDER_WAY

    def _may_try(self, version: str) -> bool:
        """Not what was taken back, and not what was refused a moment ago, unless somebody says so."""
        progress, refusal = self._shelf.progress(), self._refusal
        if self._ordered(version) is not None:
            return True
        if progress.does_not_work == version:
            return False
        if refusal is None or refusal.version != version:
            return True
        return self._clock().mono_ns - refusal.at_ns >= self._pace.again_s * 1e9

    def _read(self, offer: Offer) -> Manifest | None:
        """What it consists of, if it is signed by the makers of this box, and a step forward."""
        running = self._shelf.running()
        try:
            manifest = self._shelf.verified(offer)
            if manifest.version != offer.version or not is_newer(manifest.version, running):
                raise BadRelease(f"release {running} is in use, and {manifest.version} is no later one")
        except BadRelease as error:
            log.error("a release was refused: %s", error)
            self._refusal = _Refusal(offer.version, str(error), self._clock().mono_ns)
            return None
        self._refusal = None
        return manifest

    async def _fetch(self, offer: Offer, manifest: Manifest) -> None:
        lacks = self._shelf.lacks(manifest)
        scene = self._scene(sum(manifest.sizes.get(path, 0) for path, _ in lacks), self._shelf.free_bytes())
        self._against = tuple(each for each in core.reasons(scene) if each.code == "disk_full")
        if self._against:
            return
        self._show()
        for path, sha256 in lacks:
            place = self._shelf.place_for(manifest.version, path)
            if not await asyncio.to_thread(self._shelf.borrow, path, sha256, place):
                await self._door.fetch(offer, path, sha256, place)

    async def _hand_over(self, offer: Offer, manifest: Manifest) -> None:
        """Whole, if the venue can spare it: what is spoilt is fetched at the next look."""
        if self._is_against(manifest):
            return
        await asyncio.to_thread(self._shelf.weed, manifest)
        if self._shelf.lacks(manifest):
            return
        await asyncio.to_thread(self._shelf.complete, offer)
        if self._is_against(manifest):  # somebody may have come in meanwhile
            return
        order, now = self._ordered(manifest.version), self._clock()
        word = order.word if order else ""
        asked = order.command_id if order else f"{now.boot}:{now.mono_ns}"
        self._shelf.hand_over(Wanted(manifest.version, asked, insist=word == "insist"))
        self._handed, self._refusal = _Handed(manifest.version, asked, now.mono_ns), None
        log.warning("release %s is handed over", manifest.version)

    def _is_against(self, manifest: Manifest) -> bool:
        order = self._ordered(manifest.version)
        scene = self._scene(manifest.size_bytes, self._shelf.free_bytes())
        self._against = core.reasons(scene, order.word if order else "")
        return bool(self._against)

    def _ordered(self, version: str) -> _Order | None:
        """The strongest word that somebody has said about this release, and that had no answer yet."""
        now_ns, progress = self._clock().mono_ns, self._shelf.progress()
        live = [
            each
            for each in self._orders
            if each.until_ns > now_ns and each.version in ("", version) and not _is_end_of(each, progress)
        ]
        return max(live, key=lambda each: each.word == "insist", default=None)

    # ── telling ──────────────────────────────────────────────────────────────────────────────────

    def _stand(self) -> Standing:
        version, state, reason = self._state()
        return Standing(self._shelf.running(), self._machine, version, state, reason[:500])

    def _state(self) -> tuple[str, State | None, str]:
        """Which release, where it is, and why it is not further."""
        progress, offer, manifest = self._shelf.progress(), self._offer, self._manifest
        if progress.phase in UNDER_WAY:
            return progress.wanted, "installing", ""
        if self._handed is not None:
            return self._handed.version, "installing", ""
        if offer is None:
            ended = ENDS.get(progress.phase)
            return (progress.wanted, ended, progress.why) if ended else ("", None, "")
        if not self._may_try(offer.version):
            if self._refusal is not None and self._refusal.version == offer.version:
                return offer.version, "refused", self._refusal.why
            if progress.wanted == offer.version:
                return offer.version, ENDS.get(progress.phase, "rolled_back"), progress.why
            return offer.version, "rolled_back", "it was taken back before"
        why = core.in_words(self._against) or self._trouble
        if manifest is None:
            return offer.version, "offered", why
        if self._shelf.lacks(manifest):
            return offer.version, "downloading", why
        return offer.version, "waiting" if why else "downloaded", why

    async def _settle(self) -> None:
        """Tell the ends of owners' commands."""
        for order in tuple(self._orders):
            finished = self._end_of(order)
            if finished is None:
                continue
            outcome = await self._finish(finished)
            if isinstance(outcome, Accepted) or outcome.code not in _ANOTHER_TIME:
                self._orders.remove(order)

    def _end_of(self, order: _Order) -> FinishCommand | None:
        """Done, taken back, in vain or too late; None while nobody can say."""
        progress, offer = self._shelf.progress(), self._offer
        if _is_end_of(order, progress):
            if progress.phase == "kept":
                result = {"version": progress.wanted}
                return FinishCommand(order.command_id, f"Release {progress.wanted} serves.", result=result)
            return FinishCommand(order.command_id, progress.why, ENDS[progress.phase])
        if self._is_under_way():
            return None
        if order.until_ns == 0:
            return FinishCommand(order.command_id, _RESTARTED, "restarted")
        if not self._shelf.key():
            return FinishCommand(order.command_id, _KEYLESS, "no_release_key")
        if self._told_ns is not None and (offer is None or order.version not in ("", offer.version)):
            return FinishCommand(order.command_id, "There is no such release for this venue.", "no_release")
        if offer and self._refusal and self._refusal.version == offer.version:
            return FinishCommand(order.command_id, self._refusal.why, "refused")
        if order.until_ns <= self._clock().mono_ns:
            why = core.in_words(self._against) or self._trouble or "it was not here yet"
            return FinishCommand(order.command_id, f"It could not begin in time: {why}.", "too_late")
        return None


def _is_end_of(order: _Order, progress: Progress) -> bool:
    """Whether root has answered it; whoever wants more than that has to order again."""
    return progress.asked == order.command_id and progress.phase in ENDS


_RESTARTED = "The box was restarted before the upgrade began. Ask again."
_KEYLESS = "This box was laid down without the key of the makers of releases."
