"""From what shall be and what is, to what is to do. Pure.

A board that the profile does not mean is refused here, before anything is touched.
"""

from dataclasses import dataclass

from edge.provision.observed import Observed, Question
from edge.provision.profile import Profile
from edge.provision.steps import Restart, Step


class WrongMachine(RuntimeError):
    """The machine is not one that this profile can be laid down on."""


#: What is supported: Debian's releases, which Raspberry Pi OS shares, and the processor each board has.
RELEASES = {"12", "13"}
DISTRIBUTIONS = {"debian", "raspbian"}
MACHINES = {"pi4": "aarch64", "pi5": "aarch64", "x86-64": "x86_64"}


@dataclass(frozen=True, slots=True)
class Due:
    """A step that is not met, and why."""

    step: Step
    why: str


def question(steps: list[Step]) -> Question:
    """All that the steps have to know, in one."""
    return sum((step.question for step in steps), Question())


def suits(profile: Profile, seen: Observed) -> None:
    """Raises `WrongMachine` where the profile cannot be laid down."""
    if seen.distribution not in DISTRIBUTIONS or seen.release not in RELEASES:
        raise WrongMachine(
            f"this is {seen.distribution or 'an unknown system'} {seen.release}; Debian 12 or 13 is needed,"
            " or Raspberry Pi OS of those"
        )
    wanted = MACHINES[profile.board.kind]
    if seen.machine != wanted:
        hint = "; a 64-bit system is needed" if wanted == "aarch64" and seen.machine.startswith("arm") else ""
        raise WrongMachine(f"board.kind is {profile.board.kind}, but this machine is {seen.machine}{hint}")


def plan(steps: list[Step], seen: Observed) -> list[Due]:
    """The steps that are to be taken, in their order."""
    return [Due(step, why) for step in steps if (why := step.wrong(seen)) is not None]


def restarts(steps: list[Step]) -> list[Step]:
    """A step for each daemon that reads what the others lay down, to be looked at after them."""
    return [Restart(unit) for unit in dict.fromkeys(unit for step in steps for unit in step.restarts)]
