"""What may be typed after `holdfast-edge devices`. Imports nothing heavy: all other commands parse it too."""

import argparse
from pathlib import Path

_BOX = "http://127.0.0.1:8080"


def devices_command(parser: argparse.ArgumentParser, data: Path) -> None:
    """Options of `devices`; `data` is where a box keeps its own."""
    actions = parser.add_subparsers(metavar="ACTION")
    _shared(parser, data, _BOX, json=False)
    parser.set_defaults(deed="list", action=_run)
    _command(actions.add_parser("list", help="what is in service and how its last test went"), "list")
    finding = _command(actions.add_parser("find", help="what answers in the venue's network"), "find")
    finding.add_argument("--wait", type=float, default=3.0, metavar="SECONDS", help="for announcements")
    looking = _command(actions.add_parser("look", help="ask at an address"), "look")
    looking.add_argument("kind", choices=("plug", "router", "printer"))
    looking.add_argument("address", help="192.168.30.101, with a port if it needs one")
    _login(looking)
    _adopt_command(actions.add_parser("adopt", help="try a device, configure it, take it into service"))
    trying = _command(actions.add_parser("try", help="test devices and kitchen stations again"), "try")
    trying.add_argument("which", nargs="*", metavar="ID|STATION", help="all, if none is named")
    binding = _command(actions.add_parser("bind", help="say what stands behind a router"), "bind")
    binding.add_argument("router", metavar="ID")
    binding.add_argument("station")
    binding.add_argument("mac")
    letting = _command(actions.add_parser("release", help="take a device out of service"), "release")
    letting.add_argument("device", metavar="ID")
    letting.add_argument("--reason", default="")
    _command(actions.add_parser("missing", help="what is expected and is not well"), "missing")
    fit = _command(actions.add_parser("fit", help="do all that the box's profile expects"), "fit")
    fit.add_argument("profile", nargs="?", type=Path, help="TOML; left out: what `apply` laid down")
    fit.add_argument("--wait", type=float, default=15.0, metavar="SECONDS", help="for announcements")


def _shared(parser: argparse.ArgumentParser, data: object, box: str, *, json: object) -> None:
    parser.add_argument("--data", type=Path, default=data, help="data directory of the box")
    parser.add_argument("--box", default=box, metavar="URL", help="where the box at work answers")
    parser.add_argument("--json", action="store_true", default=json, help="for programs")


def _command(parser: argparse.ArgumentParser, deed: str) -> argparse.ArgumentParser:
    # Said before the action or after it; what is not said here must not undo what was said before.
    _shared(parser, argparse.SUPPRESS, argparse.SUPPRESS, json=argparse.SUPPRESS)
    parser.set_defaults(deed=deed)
    return parser


def _login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password-file", type=Path, help="file with the device's pass word, if it has one")


def _adopt_command(parser: argparse.ArgumentParser) -> None:
    _login(_command(parser, "adopt"))
    parser.add_argument("device", metavar="ID", help="as `find` or `look` shows it")
    parser.add_argument("--name", help="what people call it")
    parser.add_argument("--station", help="what it switches, or where the machine behind it stands")
    parser.add_argument("--mac", help="of that machine, for a router")
    parser.add_argument("--kitchen", action="append", default=[], metavar="STATION", help="tickets it prints")
    parser.add_argument("--receipts", action="store_true", help="it prints for guests")
    parser.add_argument("--replaces", metavar="ID", help="take that one's place")


def _run(options: argparse.Namespace) -> int:
    from edge.installer import cli

    return cli.run(options)
