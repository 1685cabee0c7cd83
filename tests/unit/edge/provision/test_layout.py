"""What is laid down, compared with what was looked at and found right: the files in `golden`.

After a change on purpose: `GOLDEN=write pytest tests/unit/edge/provision/test_layout.py`, then read the diff.
"""

import os
from pathlib import Path

import msgspec
import pytest

from edge.provision.layout import layout
from edge.provision.profile import AccessPoint, Network, Profile
from edge.provision.steps import File
from tests.unit.edge.provision.profiles import PLAIN, WHOLE

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(("name", "profile"), [("plain", PLAIN), ("whole", WHOLE)])
def test_every_file_is_the_one_that_was_looked_at(name: str, profile: Profile) -> None:
    laid = {step.path.lstrip("/"): step.content for step in layout(profile) if isinstance(step, File)}
    folder = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        for path, content in laid.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    kept = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    assert laid == kept


@pytest.mark.parametrize("profile", [PLAIN, WHOLE])
def test_no_path_is_laid_down_twice(profile: Profile) -> None:
    titles = [step.title for step in layout(profile)]
    assert len(titles) == len(set(titles))


def test_secrets_are_for_root_alone() -> None:
    modes = {step.path: step.mode for step in layout(WHOLE) if isinstance(step, File)}
    assert modes["/etc/hostapd/hostapd.conf"] == 0o600
    assert modes["/etc/mosquitto/holdfast.acl"] == 0o640
    assert modes["/etc/holdfast/devices.json"] == 0o640


def test_a_box_that_spans_its_own_wifi_has_a_name_there_even_if_nobody_thought_of_one() -> None:
    point = AccessPoint(ssid="Bar", passphrase="correct horse", country="DE")
    own = msgspec.structs.replace(PLAIN, network=Network(access_point=point))
    laid = {step.path: step.content.decode() for step in layout(own) if isinstance(step, File)}
    assert "address=/holdfast.lan/192.168.77.1" in laid["/etc/dnsmasq.d/holdfast.conf"]
    assert "--public-url http://holdfast.lan" in laid["/etc/systemd/system/holdfast-edge.service"]
    plain = {step.path: step.content.decode() for step in layout(PLAIN) if isinstance(step, File)}
    assert "--public-url" not in plain["/etc/systemd/system/holdfast-edge.service"]


def test_a_kitchen_device_reaches_its_own_station_only() -> None:
    acl = next(
        step.content.decode()
        for step in layout(WHOLE)
        if isinstance(step, File) and step.path.endswith("holdfast.acl")
    )
    _, _, hot_screen = acl.partition("user hot-screen\n")
    own, _, _ = hot_screen.partition("user ")
    assert "kds/hot/ack" in own
    assert "kds/bar" not in own
