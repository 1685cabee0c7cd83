"""What is wrong with a box now, in words, each with how to mend it.

First what was laid down, then what only a running box can show: its own health, its clock, its disk.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.provision.host import Command, Host
from edge.provision.layout import DATA, layout
from edge.provision.observed import Observed, observe
from edge.provision.plan import plan, question
from edge.provision.profile import Profile

HEALTH = "http://127.0.0.1:8080/healthz"
STATUS = "http://127.0.0.1:8080/status"
#: A disk fuller than this is named before the box itself begins to refuse business at 95 %.
FULL_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, and what to do about it."""

    wrong: str
    mend: str


def check(host: Host, profile: Profile) -> list[Finding]:
    """Everything that is wrong; empty when all is well. Raises `HostUnreachable`."""
    steps = layout(profile)
    seen = observe(host, question(steps))
    findings = [
        Finding(f"{due.step.title}: {due.why}", "run `holdfast-provision apply`") for due in plan(steps, seen)
    ]
    if seen.booted:
        for look in _LIVE:
            findings += look(host, seen)
        findings += devices(host, profile)
    return findings


def _health(host: Host, seen: Observed) -> list[Finding]:
    answer = fetch(host, HEALTH)
    if answer is None:
        return [
            Finding(
                "the box does not answer on port 8080",
                "read `journalctl -u holdfast-edge -n 50`; then `holdfast-edge doctor`",
            )
        ]
    if answer.get("ok") is not True:
        return [Finding("the box says it is not well", "run `holdfast-edge doctor` and read what it says")]
    return []


def _status(host: Host, seen: Observed) -> list[Finding]:
    status = fetch(host, STATUS)
    if status is None:
        return []
    findings = []
    if status.get("venue_id") is None:
        findings.append(
            Finding(
                "the box belongs to no venue yet", "open http://THE-BOX/pair, or run `holdfast-edge pair`"
            )
        )
    elif status.get("link") == "down":
        said = status.get("link_message") or "no reason given"
        findings.append(
            Finding(f"no link to the cloud: {said}", "check the uplink; the venue goes on serving")
        )
    if status.get("mqtt") not in {"ok", "off"}:
        findings.append(
            Finding(f"kitchen broker: {status.get('mqtt')}", "look at `systemctl status mosquitto`")
        )
    if not status.get("clock_trusted"):
        findings.append(
            Finding("the time of day is not known yet", "connect the internet once, or fit a clock battery")
        )
    for device in status.get("devices", ()):
        if isinstance(device, dict) and device.get("trouble"):
            findings.append(
                Finding(f"{device.get('name')}: {device['trouble']}", "check its power and network")
            )
    return findings


def _disk(host: Host, seen: Observed) -> list[Finding]:
    answer = host.run(Command(("df", "--output=pcent", DATA)))
    percent = answer.out.decode(errors="replace").strip().rsplit(maxsplit=1)[-1:]
    if not percent or not percent[0].endswith("%"):
        return [Finding(f"{DATA} cannot be measured", "look at `df` and at the card")]
    used = int(percent[0][:-1])
    if used < FULL_PERCENT:
        return []
    return [Finding(f"the data disk is {used} % full", "remove old backups, or put in a larger card")]


def devices(host: Host, profile: Profile) -> list[Finding]:
    """Devices that the profile expects and that do not serve, and tests that failed; `fit` mends both."""
    if not profile.device and not profile.kitchen:
        return []
    answer = host.run(Command(("holdfast-edge", "devices", "missing", "--json"), timeout_s=60))
    try:
        told = json.loads(answer.out)
        lost = [f"{each['name']}: {each['words']}" for each in told]
    except (ValueError, KeyError, TypeError):
        # The box itself does not answer or serves nobody yet, which is said above.
        return []
    return [Finding(words, "run `sudo holdfast-edge devices fit` on the box") for words in lost]


_LIVE: tuple[Callable[[Host, Observed], list[Finding]], ...] = (_health, _status, _disk)


def fetch(host: Host, url: str) -> dict[str, Any] | None:
    """JSON from the box itself, asked for on the box itself."""
    script = (
        "import sys, urllib.request as r; "
        "sys.stdout.buffer.write(r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=10).read())"
    )
    answer = host.run(Command(("python3", "-c", script, url), timeout_s=30))
    if answer.status != 0:
        return None
    try:
        told = json.loads(answer.out)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
