"""Rules of devices: a row for each command of `devices/commands.py`. All devices are one aggregate."""

from typing import Any

from edge.core.devices import commands as commands
from edge.core.devices import fitting
from edge.core.rule import Rule
from edge.core.view import VenueView
from protocol.facts.device import AGGREGATE, DeviceAdopted, DeviceReleased, MachineBound, MachineUnbound


def _devices(_view: VenueView, _command: Any) -> str:
    return AGGREGATE


RULES: dict[type, Rule] = {
    commands.AdoptDevice: Rule(fitting.adopt, (DeviceAdopted, DeviceReleased), _devices),
    commands.ReleaseDevice: Rule(fitting.release, (DeviceReleased,), _devices),
    commands.BindMachine: Rule(fitting.bind_machine, (MachineBound, MachineUnbound), _devices),
}
