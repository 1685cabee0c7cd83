"""What is true of a machine now, gathered by one command, because each round trip over SSH costs a tenth of a
second. Steps compare themselves with this and with nothing else.
"""

import hashlib
import json
from dataclasses import dataclass, field
from importlib.resources import files

from edge.provision.host import Command, Host


class CannotObserve(RuntimeError):
    """The machine answered, but not with what was asked: no Python, or not root."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A path: `kind` is `file`, `directory` or `link`; a link has its `target`, a file its SHA-256."""

    kind: str
    mode: int = 0
    owner: str = "root"
    group: str = "root"
    sha256: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class UnitState:
    """What systemd says of a unit: `enabled` or not; `active`, `skipped` for its own reasons, or not."""

    enabled: str = ""
    active: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """A machine. `booted` is whether systemd runs there: in a folder used as a root it does not."""

    distribution: str = ""
    release: str = ""
    machine: str = ""
    booted: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)
    packages: frozenset[str] = frozenset()
    accounts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    units: dict[str, UnitState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What steps want to know."""

    paths: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def __add__(self, other: "Question") -> "Question":
        return Question(
            self.paths + other.paths,
            self.packages + other.packages,
            self.accounts + other.accounts,
            self.units + other.units,
        )


#: Runs on the machine with its own Python, so that nothing of ours need be there yet.
PROBE = files("edge.provision").joinpath("probe.py").read_text()


def observe(host: Host, question: Question) -> Observed:
    """Ask the machine. Raises `CannotObserve`, `HostUnreachable`."""
    asked = {
        "paths": sorted(set(question.paths)),
        "packages": sorted(set(question.packages)),
        "accounts": sorted(set(question.accounts)),
        "units": sorted(set(question.units)),
    }
    answer = host.run(Command(("python3", "-c", PROBE, json.dumps(asked)), timeout_s=120))
    if answer.status != 0:
        raise CannotObserve(f"{host.name}: {answer.err.decode(errors='replace').strip()}")
    try:
        told = json.loads(answer.out)
    except ValueError:
        raise CannotObserve(f"{host.name} answered with something else than was asked") from None
    return Observed(
        distribution=told["distribution"],
        release=told["release"],
        machine=told["machine"],
        booted=told["booted"],
        entries={path: Entry(**entry) for path, entry in told["entries"].items()},
        packages=frozenset(told["packages"]),
        accounts={name: tuple(groups) for name, groups in told["accounts"].items()},
        units={name: UnitState(*state) for name, state in told["units"].items()},
    )


def digest(content: bytes) -> str:
    """How the probe tells files apart."""
    return hashlib.sha256(content).hexdigest()
