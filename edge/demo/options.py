"""The command line of `holdfast-edge demo`. Imports nothing heavy, for every other command parses it too."""

import argparse
import os
from pathlib import Path

#: Ports that can be asked for, by their name in the record.
PORTS = {"edge": "--port", "cloud": "--cloud-port", "control": "--control-port", "mqtt": "--mqtt-port"}


def default_directory() -> Path:
    """Where a demo lives when nobody says: with the user's other data (XDG base directories)."""
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    return Path(home) / "holdfast-demo"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `holdfast-edge demo`."""
    parser.add_argument("--data", type=Path, default=default_directory(), metavar="DIR")
    parser.add_argument("--headless", action="store_true", help="no screen; serve until SIGTERM")
    parser.add_argument("--json", action="store_true", help="say where everything is, in one line of JSON")
    parser.add_argument("--no-restart", action="store_true", help="leave dead what is killed")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets phones on your Wi-Fi scan the code")
    parser.add_argument("--broker", choices=("auto", "mosquitto", "amqtt"), default="auto")
    for name, option in PORTS.items():
        parser.add_argument(option, type=int, dest=f"{name}_port", metavar="PORT", help=f"of the {name}")
