"""From one release to the next, and back by itself when the next one does not work.

    refused <- staged -> stopped -> switched -> kept
                             \\__________\\____-> returned | stranded

The phase is on the disk before the deed: after a power cut in the middle, `resume` knows what may have been
done. Going back means the former binary and tables that it can read, folded anew from the journal, so
nothing sold in between is lost; a journal the former release has no meaning for strands the box on the newer
one, which then goes on selling. Counterparts: `release.py` says what may be run, `edge/journal/refold.py`
goes back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from edge.provision.apply import words
from edge.provision.check import STATUS, fetch
from edge.provision.host import Answer, Command, Host
from edge.provision.layout import BUNDLES, CURRENT, DATA, EDGE, INSTALL, RELEASES, SWITCH
from edge.provision.steps import shell
from protocol.upgrade import is_newer

STATE = "/opt/holdfast/upgrade.json"

#: From each phase, the phases that may follow.
PHASES: dict[str, frozenset[str]] = {
    "": frozenset({"staged", "refused"}),
    "staged": frozenset({"staged", "stopped", "refused"}),
    "refused": frozenset({"staged", "refused"}),
    "stopped": frozenset({"switched", "returned", "stranded"}),
    "switched": frozenset({"kept", "returned", "stranded"}),
    "kept": frozenset({"staged", "refused"}),
    "returned": frozenset({"staged", "refused"}),
    "stranded": frozenset({"staged", "refused"}),
}


class NotNow(RuntimeError):
    """The venue is at work, or the upgrade makes no sense; nothing was touched."""


class UpgradeFailed(RuntimeError):
    """The new release does not work here; the text says which one serves now."""


class Progress(msgspec.Struct, frozen=True):
    """What `STATE` holds: how far it is, and between which releases; `asked` names a question of the box.

    `taken_back` is the release that was taken back before this try; `does_not_work` knows of this one too.
    """

    phase: str = ""
    former: str = ""
    wanted: str = ""
    why: str = ""
    asked: str = ""
    taken_back: str = ""

    @property
    def does_not_work(self) -> str:
        """The release that was taken back last, whatever was tried and refused since then."""
        return self.wanted if self.phase in ("returned", "stranded") else self.taken_back


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the new release is watched before it is trusted, and how often it may fail to answer."""

    watch_s: float = 300.0
    every_s: float = 5.0
    failures: int = 3


class Upgrade:
    """One upgrade of one box. `wait` sleeps; tests make it short."""

    def __init__(
        self,
        host: Host,
        tell: Callable[[str], None],
        patience: Patience = Patience(),
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._host = host
        self._tell = tell
        self._patience = patience
        self._wait = wait
        self._progress = self._read()

    # ── the way forward ──────────────────────────────────────────────────────────────────────────

    def run(self, version: str, *, now: bool = False, asked: str = "") -> None:
        """Bring the box to the release whose verified bundle lies in `BUNDLES`.

        Raises `NotNow` while guests would notice, unless `now`; `UpgradeFailed` when the former one is back.
        """
        former = self._in_use()
        if not is_newer(version, former):
            raise NotNow(f"release {former} is in use, and {version} is no newer one")
        if not now:
            self._ask_the_venue()
        self._stage(former, version, asked)
        self._note("stopped")
        self._must(Command(("systemctl", "stop", EDGE)))
        self._back_up(version)
        self._note("switched")
        self._switch(version)
        trouble = self._start() or self._watch()
        if trouble is not None:
            self._return(trouble)
        self._note("kept")
        self._tidy()
        self._tell(f"release {version} serves")

    def refuse(self, version: str, why: str, asked: str) -> None:
        """Write down why a release that was asked for is not put in place, for the box to tell.

        Not over an upgrade that is under way or was cut short: that has an end of its own.
        """
        if "refused" in PHASES[self._progress.phase]:
            last = self._progress
            self._progress = Progress(last.phase, last.former, version, why, asked, last.does_not_work)
            self._note("refused")

    def resume(self) -> None:
        """After a power cut: take back what was not watched to its end. Raises `UpgradeFailed`."""
        if self._progress.phase in {"stopped", "switched"}:
            self._return("the power went while it was being upgraded")

    def _ask_the_venue(self) -> None:
        status = fetch(self._host, STATUS)
        if status is None:
            raise NotNow("the box does not answer; look at it with `check` first, or insist with --now")
        for busy, words_ in (("open_tickets", "open tickets"), ("playing", "running play sessions")):
            if status.get(busy):
                raise NotNow(f"there are {status[busy]} {words_}; upgrade when the venue is closed")

    def _stage(self, former: str, version: str, asked: str) -> None:
        """Everything that can fail without anybody noticing."""
        last = self._progress
        self._progress = Progress(last.phase, former, version, "", asked, last.does_not_work)
        self._note("staged")
        release = f"{RELEASES}/{version}"
        if self._run(Command(("test", "-e", f"{release}/.complete"))).status != 0:
            self._tell(f"installing release {version}")
            answer = self._run(shell(INSTALL, version, f"{BUNDLES}/{version}", release))
            if answer.status != 0:
                # A half of it would only take the room that the next try needs.
                self._run(Command(("rm", "-rf", release)))
                raise UpgradeFailed(f"release {former} serves on:\n{words(answer)}")

    def _back_up(self, version: str) -> None:
        folder, target = f"{DATA}/backups", f"{DATA}/backups/before-{version}.db"
        self._as_box("sh", "-euc", 'mkdir -p "$1"; rm -f "$2"', "sh", folder, target)
        answer = self._as_box(f"{CURRENT}/bin/holdfast-edge", "backup", "--data", DATA, target)
        if answer.status != 0:
            self._return(f"no backup could be made:\n{words(answer)}")

    def _tidy(self) -> None:
        """Releases before the former one go, with their bundles: a card is soon full of them."""
        script = """
former=$1 wanted=$2; shift 2
for folder in "$@"; do
  find "$folder" -mindepth 1 -maxdepth 1 ! -name "$former" ! -name "$wanted" -exec rm -rf {} +
done
"""
        self._run(shell(script, self._progress.former, self._progress.wanted, RELEASES, BUNDLES))

    def _watch(self) -> str | None:
        """What went wrong while the new release was looked at; None when it may be trusted."""
        self._tell(f"watching release {self._progress.wanted} for {self._patience.watch_s:.0f} s")
        restarts, failures = self._restarts(), 0
        for _ in range(max(1, round(self._patience.watch_s / self._patience.every_s))):
            self._wait(self._patience.every_s)
            healthy = fetch(self._host, STATUS.replace("/status", "/healthz"))
            failures = 0 if healthy is not None and healthy.get("ok") is True else failures + 1
            if failures >= self._patience.failures:
                return f"it did not answer {failures} times in a row"
            if self._restarts() != restarts:
                return "it died and had to be started anew"
        return None if failures == 0 else "it did not answer at the end"

    # ── the way back ─────────────────────────────────────────────────────────────────────────────

    def _return(self, why: str) -> None:
        former, wanted = self._progress.former, self._progress.wanted
        self._progress = msgspec.structs.replace(self._progress, why=why)
        self._tell(f"release {wanted}: {why}; going back to {former}")
        self._run(Command(("systemctl", "stop", EDGE)))
        refolded = self._as_box(f"{RELEASES}/{former}/bin/holdfast-edge", "refold", "--data", DATA)
        if refolded.status != 0:
            self._strand(refolded)
        self._switch(former)
        self._note("returned")
        trouble = self._start()
        if trouble is not None:
            raise UpgradeFailed(f"{why}; release {former} is back, but {trouble}")
        raise UpgradeFailed(f"{why}; release {former} serves again")

    def _strand(self, refolded: Answer) -> None:
        """The former release cannot go on with this journal; a box that sells beats one that does not."""
        former, wanted, why = self._progress.former, self._progress.wanted, self._progress.why
        self._switch(wanted)
        self._note("stranded")
        self._start()
        said = f"{why}; release {former} cannot go on with this journal, so {wanted} stays"
        raise UpgradeFailed(f"{said}:\n{words(refolded)}")

    # ── deeds ────────────────────────────────────────────────────────────────────────────────────

    def _run(self, command: Command) -> Answer:
        return self._host.run(command)

    def _must(self, command: Command) -> None:
        answer = self._run(command)
        if answer.status != 0:
            raise UpgradeFailed(f"release {self._progress.former} serves on:\n{words(answer)}")

    def _as_box(self, *argv: str) -> Answer:
        return self._run(Command(("runuser", "--user", "holdfast", "--", *argv)))

    def _in_use(self) -> str:
        answer = self._run(Command(("readlink", CURRENT)))
        if answer.status != 0:
            raise NotNow(f"{self._host.name} has no release in use; lay it down with `apply` first")
        return answer.out.decode().strip().rsplit("/", 1)[-1]

    def _switch(self, version: str) -> None:
        self._must(shell(SWITCH, f"{RELEASES}/{version}", CURRENT))

    def _start(self) -> str | None:
        answer = self._run(Command(("systemctl", "start", EDGE)))
        return f"it does not start:\n{words(answer)}" if answer.status != 0 else None

    def _restarts(self) -> str:
        show = ("systemctl", "show", "--property", "NRestarts", "--value", EDGE)
        return self._run(Command(show)).out.decode().strip()

    # ── memory ───────────────────────────────────────────────────────────────────────────────────

    def _read(self) -> Progress:
        answer = self._run(Command(("cat", STATE)))
        if answer.status != 0:
            return Progress()
        try:
            return msgspec.json.decode(answer.out, type=Progress)
        except msgspec.DecodeError as error:
            raise UpgradeFailed(
                f"{STATE} cannot be read ({error}); look at the box before upgrading it"
            ) from None

    def _note(self, phase: str) -> None:
        """Write the phase down, on the disk, before what it announces is done."""
        assert phase in PHASES[self._progress.phase], (self._progress.phase, phase)
        self._progress = msgspec.structs.replace(self._progress, phase=phase)
        script = 'cat > "$1.new"; sync "$1.new"; mv -T "$1.new" "$1"; sync "$(dirname "$1")"'
        self._must(shell(script, STATE, stdin=msgspec.json.encode(self._progress)))
