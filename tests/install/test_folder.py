"""`apply` on a system that is not running, such as a mounted card: once, twice, and broken off."""

from pathlib import Path

import pytest

from edge.provision.apply import LOG, apply
from edge.provision.cli import main
from edge.provision.host import folder
from edge.provision.layout import layout
from edge.provision.observed import observe
from edge.provision.plan import plan, question
from edge.provision.profile import Profile
from tests.install.machine import copy_root


class PowerCut(Exception):
    """The installer's machine stops in the middle."""


def test_a_second_apply_changes_nothing(system: Path, profile: Profile, bundle: Path) -> None:
    before = {path: path.lstat().st_mtime_ns for path in (system / "etc").rglob("*") if not path.is_symlink()}
    assert apply(folder(system), profile, print, bundle) == []
    after = {path: path.lstat().st_mtime_ns for path in (system / "etc").rglob("*") if not path.is_symlink()}
    assert after == before
    assert (system / LOG.lstrip("/")).read_text().splitlines()[-1].endswith("nothing to do")


def test_an_apply_that_broke_off_goes_on_where_it_stood(
    fresh: Path, profile: Profile, bundle: Path, tmp_path: Path
) -> None:
    root = copy_root(fresh, tmp_path / "broken")
    told: list[str] = []

    def until_the_mqtt_users(line: str) -> None:
        told.append(line)
        if line.startswith("MQTT users"):
            raise PowerCut

    with pytest.raises(PowerCut):
        apply(folder(root), profile, until_the_mqtt_users, bundle)
    rest = apply(folder(root), profile, print, bundle)
    # The step that was announced and not taken comes again; those before it do not.
    assert rest[0].title == "MQTT users"
    assert not {step.title for step in rest[1:]} & {line.split(":")[0] for line in told}
    steps = layout(profile)
    assert plan(steps, observe(folder(root), question(steps))) == []


def test_what_somebody_changed_is_put_right_and_kept_beside(system: Path, profile: Profile) -> None:
    path = system / "etc/nftables.conf"
    laid = path.read_bytes()
    path.write_text("# wide open\n")
    done = apply(folder(system), profile, print)
    assert [step.title for step in done] == ["file /etc/nftables.conf"]
    assert path.read_bytes() == laid
    assert path.with_name("nftables.conf.before-holdfast").read_text() == "# wide open\n"


def test_plan_says_what_apply_would_do_and_touches_nothing(
    fresh: Path, profile_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(profile_file), "--root", str(fresh), "--commands"]) == 0
    assert "user holdfast: there is no user holdfast\n    useradd" in capsys.readouterr().out
    assert not (fresh / "opt/holdfast").exists()


def test_a_wrong_profile_touches_nothing(
    fresh: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('name = "Bar"\nversion = "0.2.0"\n[board]\nkind = "pi4"\n')
    assert main(["apply", str(wrong), "--root", str(fresh)]) == 1
    assert "this machine is x86_64" in capsys.readouterr().err
    assert not (fresh / "opt/holdfast").exists()
