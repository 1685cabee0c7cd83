"""A card's boot partition: cloud-init reads what was meant, and bad input writes nothing."""

import json
from pathlib import Path

import pytest

from edge.provision.image import FIRSTRUN, CannotWrite, image, user_data
from tests.unit.edge.provision.profiles import PLAIN, WHOLE

COMMAND_LINE = "console=tty1 root=PARTUUID=4e639091-02 rootwait\n"
KEY = "ssh-ed25519 AAAA installer: with a colon"


def read(text: str) -> dict[str, object]:
    head, _, body = text.partition("\n")
    assert head == "#cloud-config"
    told = json.loads(body)
    assert isinstance(told, dict)
    return told


def test_a_person_gets_in_by_key_alone() -> None:
    told = read(user_data(WHOLE, (KEY,)))
    assert told["ssh_pwauth"] is False
    assert isinstance(told["users"], list)
    assert told["users"][0]["ssh_authorized_keys"] == [KEY]
    assert told["users"][0]["lock_passwd"] is True


def test_without_a_key_nobody_gets_in() -> None:
    assert read(user_data(PLAIN, ()))["users"] == []


def test_the_card_carries_all_that_first_boot_runs(tmp_path: Path) -> None:
    boot, bundle = tmp_path / "boot", tmp_path / "bundle"
    boot.mkdir()
    (bundle / "wheels").mkdir(parents=True)
    (bundle / "wheels/holdfast-0.1.0-py3-none-any.whl").write_bytes(b"wheel")
    image(PLAIN, b"the profile", boot, bundle, ())
    assert (boot / "holdfast/profile.toml").read_bytes() == b"the profile"
    assert (boot / "holdfast/wheels/holdfast-0.1.0-py3-none-any.whl").read_bytes() == b"wheel"
    assert "instance-id" in (boot / "meta-data").read_text()
    unit = (boot / "user-data").read_text()
    assert "holdfast/first-boot.sh" in unit
    assert (boot / "holdfast/first-boot.sh").exists()


@pytest.mark.parametrize("missing", ["boot", "bundle"])
def test_what_is_missing_is_named_and_nothing_written(tmp_path: Path, missing: str) -> None:
    boot, bundle = tmp_path / "boot", tmp_path / "bundle"
    if missing != "boot":
        boot.mkdir()
    if missing != "bundle":
        (bundle / "wheels").mkdir(parents=True)
    with pytest.raises(CannotWrite, match=missing):
        image(PLAIN, b"", boot, bundle, ())
    assert missing == "boot" or list(boot.iterdir()) == []


def card(tmp_path: Path, *, cloud_init: bool) -> tuple[Path, Path]:
    """A boot partition as flashed with Raspberry Pi OS, and a bundle."""
    boot, bundle = tmp_path / "boot", tmp_path / "bundle"
    boot.mkdir()
    (boot / "cmdline.txt").write_text(COMMAND_LINE)
    if cloud_init:
        (boot / "user-data").write_text("#cloud-config\n")
    (bundle / "wheels").mkdir(parents=True)
    return boot, bundle


def test_a_card_without_cloud_init_runs_the_way_in_once_however_often_it_is_written(tmp_path: Path) -> None:
    boot, bundle = card(tmp_path, cloud_init=False)
    for _ in range(2):
        image(PLAIN, b"", boot, bundle, (KEY,))
        line = (boot / "cmdline.txt").read_text()
        assert line == COMMAND_LINE.strip() + FIRSTRUN + "\n"
    assert (boot / "firstrun.sh").exists()
    assert (boot / "holdfast/authorized_keys").read_text() == f"{KEY}\n"
    assert (boot / "ssh").exists()


def test_a_card_with_cloud_init_keeps_its_command_line(tmp_path: Path) -> None:
    boot, bundle = card(tmp_path, cloud_init=True)
    image(PLAIN, b"", boot, bundle, ())
    assert (boot / "cmdline.txt").read_text() == COMMAND_LINE
    assert not (boot / "firstrun.sh").exists()
    assert not (boot / "ssh").exists()
    assert "dsmode: local" in (boot / "meta-data").read_text()
