"""Lays a broker's files into a directory and names the command that runs it: Mosquitto, else amqtt."""

import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import Literal

import msgspec

from edge.demo.access import BrokerPlan, mosquitto_acl, mosquitto_config, mosquitto_passwords

Kind = Literal["auto", "mosquitto", "amqtt"]


class BrokerMissing(Exception):
    """The broker that was asked for is not installed."""


def mosquitto_program() -> str | None:
    """Where Mosquitto is; Debian keeps it where only root's PATH looks."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"])
    return shutil.which("mosquitto", path=path)


def prepare_broker(directory: Path, plan: BrokerPlan, kind: Kind = "auto") -> list[str]:
    """The command of a broker that does as planned. Raises `BrokerMissing`."""
    directory = directory.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    program = mosquitto_program() if kind != "amqtt" else None
    if program is not None:
        return [program, "-c", str(_mosquitto_files(directory, plan))]
    if kind == "mosquitto":
        raise BrokerMissing(
            "Mosquitto is not installed; `apt install mosquitto`, or use the embedded broker."
        )
    file = directory / "plan.json"
    _write_private(file, msgspec.json.encode(plan))
    return [sys.executable, "-m", "edge.demo.broker", str(file)]


def _mosquitto_files(directory: Path, plan: BrokerPlan) -> Path:
    salts = [secrets.token_bytes(12) for _ in plan.accounts]
    configuration = directory / "mosquitto.conf"
    _write_private(directory / "passwords", mosquitto_passwords(plan, salts).encode())
    _write_private(directory / "acl", mosquitto_acl(plan).encode())
    _write_private(configuration, mosquitto_config(plan, directory, os.geteuid() == 0).encode())
    return configuration


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
