"""What `holdfast-edge devices` prints: a line for each thing, and the same as JSON for programs."""

from collections.abc import Iterable

import msgspec

from edge.installer.visit import Fitted
from protocol.devices import DeviceReply, DevicesReply, FoundReply, LastTrial, TrialReply


def as_json(told: object) -> str:
    """For programs; a name never changes its meaning."""
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def trial(told: TrialReply) -> str:
    """What was tried and worked."""
    power = f" ({told.power_w:.1f} W)" if told.power_w is not None else ""
    return ", ".join(f"{step}{power}" if step == "read power" else step for step in told.passed)


def tested(told: LastTrial | None) -> str:
    """How the last test went."""
    if told is None:
        return "never tested on this box"
    if told.failed:
        return f"FAILED at '{told.failed}': {told.why} ({told.code})"
    return f"passed: {trial(TrialReply(told.passed, told.power_w))}"


def fitted(told: Fitted) -> str:
    """How one expected thing ended."""
    if told.outcome == "failed":
        return f"{told.title}: FAILED: {told.words} ({told.code})"
    begun = "taken into service" if told.outcome == "adopted" else "in service"
    return f"{told.title}: {begun if told.kind != 'kitchen' else 'answers'}; {tested(told.tested)}"


def in_service(reply: DevicesReply) -> Iterable[str]:
    """What serves, and how its last test went."""
    for each in reply.devices:
        yield f"{each.id}  {each.kind:8}{each.name}: {_serves(each)}"
        yield f"    {each.model_name}, firmware {each.firmware}, at {each.url or 'an unknown address'}"
        yield f"    {tested(each.tested)}"
    for station, last in reply.kitchen.items():
        yield f"kitchen {station}: {tested(last)}"
    if not reply.devices:
        yield "Nothing is in service yet; `holdfast-edge devices find` says what answers."


def _serves(each: DeviceReply) -> str:
    words = [each.station_id or "", *(f"{key} ({mac})" for key, mac in each.machines.items())]
    words += [*each.stations, "receipts" if each.receipts else ""]
    return ", ".join(filter(None, words)) or "nothing yet"


def found(reply: FoundReply) -> Iterable[str]:
    """What answers, in service or not."""
    if reply.trouble:
        yield f"Announcements cannot be heard: {reply.trouble} Look at addresses with `devices look`."
    for each in reply.devices:
        about = f"{each.model_name or each.kind}, firmware {each.firmware or 'unknown'}, at {each.url}"
        yield f"{each.id}  {each.kind:8}{each.state:14}{about}"
    if not reply.devices:
        yield "Nothing answered. Give devices the venue's network first, or ask at an address."
