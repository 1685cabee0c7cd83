"""Takes the steps that are due, one after the other, each looked at again after it.

Nothing is remembered between runs: whoever applies again after a power cut begins where the machine stands.
What was done goes to the log on the box, so that the next installer can read it.
"""

import io
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from edge.provision.host import Answer, Command, Host
from edge.provision.layout import BUNDLES, layout
from edge.provision.observed import observe
from edge.provision.plan import Due, plan, question, restarts, suits
from edge.provision.profile import Profile
from edge.provision.steps import Restart, Step, shell, spelled

LOG = "/var/log/holdfast-provision.log"

Tell = Callable[[str], None]


class StepFailed(RuntimeError):
    """A step could not be taken; what came before it stands, and `apply` may be run again."""


def apply(host: Host, profile: Profile, tell: Tell, bundle: Path | None = None) -> list[Step]:
    """Make it so; the steps that were taken. Raises `StepFailed`, `WrongMachine`, `HostUnreachable`."""
    steps = layout(profile)
    seen = observe(host, question(steps))
    suits(profile, seen)
    due = plan(steps, seen)
    if bundle is not None and due:
        send_bundle(host, profile, bundle, tell)
    done: list[Step] = []
    for each in due:
        _take(host, each, tell, seen.booted)
        done.append(each.step)
    daemons = restarts(steps)
    for each in plan(daemons, observe(host, question(daemons))):
        _take(host, each, tell, seen.booted)
        done.append(each.step)
    _log(host, [step.title for step in done] or ["nothing to do"])
    return done


def _take(host: Host, due: Due, tell: Tell, booted: bool) -> None:
    step = due.step
    tell(f"{step.title}: {due.why}")
    marks = [Restart(unit).marking() for unit in step.restarts] if booted else []
    for command in (*marks, *step.commands(observe(host, step.question))):
        answer = host.run(command)
        if answer.status != 0:
            raise StepFailed(f"{step.title}: {spelled(command)}\n{words(answer)}")
    still = step.wrong(observe(host, step.question))
    if still is not None:
        raise StepFailed(f"{step.title}: {still}, though its commands went well")


def words(answer: Answer) -> str:
    """The last of what a failed command said."""
    said = (answer.err or answer.out).decode(errors="replace").strip().splitlines()
    return "\n".join(f"    {line}" for line in said[-12:]) or f"    exit status {answer.status}"


def send_bundle(host: Host, profile: Profile, bundle: Path, tell: Tell) -> None:
    """Copy a bundle to the box, unless it is there. Raises `StepFailed`."""
    target = f"{BUNDLES}/{profile.version}"
    marker = f"{target}/manifest.json"
    if host.run(Command(("test", "-e", marker))).status == 0:
        return
    tell(f"copying {bundle} to {target}")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in sorted(bundle.rglob("*"), key=lambda path: path.name == "manifest.json"):
            archive.add(path, path.relative_to(bundle).as_posix(), recursive=False)
    unpack = 'mkdir -p "$1"; tar --extract --no-same-owner --directory "$1"'
    answer = host.run(shell(unpack, target, stdin=packed.getvalue()))
    if answer.status != 0:
        raise StepFailed(f"copying the bundle\n{words(answer)}")


def _log(host: Host, lines: list[str]) -> None:
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    text = "".join(f"{stamp} {line}\n" for line in lines)
    host.run(shell('cat >> "$1"', LOG, stdin=text.encode()))
