"""Each kind of step against a machine as it may be found: only what is wrong is named."""

import pytest

from edge.provision.layout import layout
from edge.provision.observed import Entry, Observed, UnitState, digest
from edge.provision.plan import WrongMachine, plan, question, restarts, suits
from edge.provision.steps import Account, Directory, File, Link, Once, Packages, Restart, Step, Unit
from tests.unit.edge.provision.profiles import PLAIN, WHOLE

FILE = File("/etc/x", b"content", 0o640, "root", "mosquitto", ("mosquitto.service",))
RIGHT = Entry("file", 0o640, "root", "mosquitto", digest(b"content"))


@pytest.mark.parametrize(
    ("step", "seen", "wrong"),
    [
        (FILE, Observed(), "is not there"),
        (FILE, Observed(entries={"/etc/x": RIGHT}), None),
        (FILE, Observed(entries={"/etc/x": Entry("directory")}), "is a directory"),
        (FILE, Observed(entries={"/etc/x": Entry("file", 0o640, sha256=digest(b"?"))}), "something else"),
        (
            FILE,
            Observed(entries={"/etc/x": Entry("file", 0o644, sha256=RIGHT.sha256)}),
            "644 root:root",
        ),
        (Directory("/d", 0o700), Observed(entries={"/d": Entry("directory", 0o755)}), "755"),
        (Directory("/d", 0o700), Observed(entries={"/d": Entry("directory", 0o700)}), None),
        (Directory("/d"), Observed(entries={"/d": Entry("file", 0o755)}), "is a file"),
        (Link("/l", "/a"), Observed(entries={"/l": Entry("link", target="/b")}), "leads to /b"),
        (Link("/l", "/a"), Observed(entries={"/l": Entry("link", target="/a")}), None),
        (Link("/l", "/a"), Observed(), "is not there"),
        (Packages(("a", "b"), "/debs"), Observed(packages=frozenset({"a"})), "not installed: b"),
        (Packages(("a",), "/debs"), Observed(packages=frozenset({"a"})), None),
        (Account("x", "/"), Observed(), "no user x"),
        (Account("x", "/", ("video",)), Observed(accounts={"x": ("x",)}), "not in video"),
        (Account("x", "/"), Observed(accounts={"x": ("x",)}), None),
        (Once("t", "/m", "true"), Observed(), "/m is not there"),
        (Once("t", "/m", "true"), Observed(entries={"/m": Entry("file")}), None),
        (Unit("u"), Observed(units={"u": UnitState("disabled", "active")}), "does not start at boot"),
        (Unit("u"), Observed(booted=True, units={"u": UnitState("enabled", "failed")}), "u is failed"),
        (Unit("u"), Observed(booted=False, units={"u": UnitState("enabled", "")}), None),
        (Unit("u"), Observed(booted=True, units={"u": UnitState("enabled", "skipped")}), None),
        (Restart("u"), Observed(), None),
        (Restart("u"), Observed(entries={Restart("u").mark: Entry("file")}), "what was there before"),
    ],
)
def test_what_is_wrong_is_said_in_words(step: Step, seen: Observed, wrong: str | None) -> None:
    said = step.wrong(seen)
    assert (said is None) if wrong is None else (said is not None and wrong in said)


def test_a_fresh_machine_needs_every_step_and_a_finished_one_none() -> None:
    steps = layout(WHOLE)
    assert len(plan(steps, Observed())) == len(steps)
    asked = question(steps)
    entries = {step.path: _as_wanted(step) for step in steps if isinstance(step, File | Directory | Link)}
    marks = {step.marker: Entry("file") for step in steps if isinstance(step, Once)}
    finished = Observed(
        booted=True,
        entries=entries | marks,
        packages=frozenset(asked.packages),
        accounts={name: (name,) for name in asked.accounts},
        units={name: UnitState("enabled", "active") for name in asked.units},
    )
    assert plan(steps, finished) == []


def _as_wanted(step: File | Directory | Link) -> Entry:
    match step:
        case File():
            return Entry("file", step.mode, step.owner, step.group, digest(step.content))
        case Directory():
            return Entry("directory", step.mode, step.owner, step.group)
        case Link():
            return Entry("link", target=step.target)


def test_a_daemon_is_restarted_once_however_much_it_reads() -> None:
    units = [step.title for step in restarts(layout(WHOLE))]
    assert len(units) == len(set(units))
    assert "restart mosquitto.service" in units


def test_what_strangers_wrote_never_becomes_part_of_a_script() -> None:
    hostile = "x'; touch /tmp/owned; '"
    for step in (Packages((hostile,), hostile), File(f"/{hostile}", b""), Link("/l", hostile)):
        for command in step.commands(Observed()):
            script = command.argv[2] if command.argv[:2] == ("sh", "-euc") else ""
            assert hostile not in script


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (Observed("ubuntu", "24.04", "x86_64"), "Debian 12 or 13"),
        (Observed("debian", "11", "x86_64"), "Debian 12 or 13"),
        (Observed("debian", "12", "aarch64"), "x86-64"),
    ],
)
def test_another_machine_than_the_profile_means_is_refused(seen: Observed, said: str) -> None:
    with pytest.raises(WrongMachine, match=said):
        suits(PLAIN, seen)


def test_a_32_bit_system_is_told_what_it_lacks() -> None:
    with pytest.raises(WrongMachine, match="64-bit"):
        suits(WHOLE, Observed("raspbian", "12", "armv7l"))
