"""`holdfast-edge`: run a box, claim it, look after its data, or show a whole venue on one machine."""

import argparse
import asyncio
import contextlib
import ctypes
import logging
import sqlite3
import sys
import time
from collections.abc import Coroutine
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edge.demo.options import add_options
from edge.installer.options import devices_command
from edge.lifetime import recovering, setting_up

#: mallopt(3).
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=options.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    status: int = options.action(options)
    return status


class _Version(argparse.Action):
    """Looked up only when asked for: a tree that was never installed has none, and a start is quick."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        try:
            print(version("holdfast"))
        except PackageNotFoundError:
            parser.exit(1, "this tree was not installed, so it is no release\n")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdfast-edge", description=__doc__)
    parser.add_argument("--version", action=_Version, nargs=0, help="print the release and exit")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    actions = parser.add_subparsers(required=True, metavar="COMMAND")
    _run_command(actions.add_parser("run", help="serve the venue until told to stop"))
    _claim_command(actions.add_parser("claim", help="bind this box to a venue with a single-use code"))
    setting_up.found_command(
        actions.add_parser("found", help="serve a venue out of files, before any cloud knows it")
    )
    setting_up.pair_command(
        actions.add_parser("pair", help="show a code to type into the dashboard, and wait for it")
    )
    setting_up.report_command(
        actions.add_parser("report", help="write the installer's report with table codes, as PDF or HTML")
    )
    devices_command(
        actions.add_parser("devices", help="find, adopt and test plugs, routers, printers and screens"),
        setting_up.DEFAULT_DIRECTORY,
    )
    recovering.code_command(
        actions.add_parser("recovery-code", help="make the code that lets a new box speak to the devices")
    )
    recovering.recover_command(
        actions.add_parser("recover", help="put back what the former box sealed, with its recovery code")
    )
    _pos_key_command(actions.add_parser("pos-key", help="print the key that signs what a till is told"))
    _doctor_command(actions.add_parser("doctor", help="examine the box's data and say what is wrong"))
    _backup_command(actions.add_parser("backup", help="copy the database to a file while the box runs"))
    _restore_command(actions.add_parser("restore", help="put a backup in the database's place"))
    _refold_command(actions.add_parser("refold", help="go back to this release from a newer one"))
    _export_command(actions.add_parser("export", help="write every fact as a line of JSON"))
    _demo_command(actions.add_parser("demo", help="a whole venue and its cloud on this machine"))
    return parser


def _data_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, default=setting_up.DEFAULT_DIRECTORY, help="data directory of the box"
    )


def _complain(words: object) -> int:
    print(words, file=sys.stderr)
    return 1


def _run_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--public-url", help="how phones reach the box, as printed in QR codes")
    parser.add_argument("--mqtt", help="mqtt://user:password@host:port of the venue's broker")
    parser.add_argument("--mqtt-password-file", type=Path, help="file with the password of --mqtt's user")
    parser.add_argument("--mdns", metavar="ADDRESS|off", help="interface to find devices on")
    parser.add_argument("--stations", type=Path, help="file with the addresses of plugs and routers")
    parser.add_argument(
        "--internet-probe",
        action="append",
        metavar="URL",
        help="asked while the cloud does not answer, to tell whose fault it is; an empty one asks nobody",
    )
    parser.add_argument("--cloud", default="", metavar="URL", help="the cloud that a box without one asks")
    parser.add_argument("--tls", type=Path, help="folder where fullchain.pem and privkey.pem may be laid")
    parser.add_argument("--tls-port", type=int, default=8443)
    parser.set_defaults(action=_run)


def _run(options: argparse.Namespace) -> int:
    from edge.adapters.cloud.internet_probe import USUAL
    from edge.adapters.kitchen.mqtt import BadBrokerAddress
    from edge.config import Config
    from edge.journal.database import DatabaseUnusable
    from edge.lifetime import life
    from edge.wiring.gaming import BadStationsFile

    probes = USUAL if options.internet_probe is None else tuple(filter(None, options.internet_probe))
    try:
        config = Config(
            directory=options.data,
            host=options.host,
            port=options.port,
            public_url=options.public_url,
            mqtt_url=_broker(options.mqtt, options.mqtt_password_file),
            stations=options.stations,
            internet_probes=probes,
            mdns=None if options.mdns == "off" else options.mdns or "",
            cloud_url=options.cloud.rstrip("/"),
            tls=options.tls,
            tls_port=options.tls_port,
        )
        _be_thrifty()
        _run_loop(life.run(config))
    except DatabaseUnusable as error:
        return _complain(f"The box cannot use its disk and will not sell: {error}")
    except BadBrokerAddress as error:
        return _complain(f"--mqtt: {error}")
    except BadStationsFile as error:
        return _complain(error)
    return 0


def _broker(url: str | None, password_file: Path | None) -> str | None:
    """The broker's address with the password from a file, which no list of processes shows."""
    from edge.adapters.kitchen.mqtt import BadBrokerAddress, with_password

    if url is None or password_file is None:
        return url
    try:
        return with_password(url, password_file.read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise BadBrokerAddress(f"{password_file}: {error}") from error


def _be_thrifty() -> None:
    """Have glibc give buffers back as they are freed, where it would keep ever larger ones (mallopt(3)).

    Not below half a megabyte: each commit's buffers would be mapped anew, at twice the time for a mutation.
    One arena for all threads: only one of them runs at a time, and what another's arena holds is lost to it.
    """
    with contextlib.suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 1)
        for limit in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
            mallopt(limit, 512 * 1024)


def _run_loop(main_coroutine: Coroutine[object, object, None]) -> None:
    """Run on uvloop where there is one; asyncio's own loop allocates 256 KiB for every read."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main_coroutine)
    else:
        uvloop.run(main_coroutine)


def _claim_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--cloud", required=True, help="address of the cloud, https://…")
    parser.add_argument("--code", required=True, help="single-use code from the owner's page")
    parser.set_defaults(action=_claim)


def _claim(options: argparse.Namespace) -> int:
    from edge.adapters.cloud.claiming import ClaimRefused, load_key
    from edge.journal.database import DatabaseUnusable, open_writer, read_box
    from edge.journal.succession import NotEmpty
    from edge.wiring import pairing, renewal

    try:
        connection = open_writer(options.data, time.time_ns() // 1_000_000)
        box = read_box(connection)
        connection.close()
        if box.fenced is not None:
            renewal.retire(options.data)
            print("This box was replaced once; what it has not sent is kept and sent later.")
        elif box.venue_id is not None and box.cloud_url is None:
            return _complain("This box serves a venue of its own: take it in with `holdfast-edge pair`.")
        key = load_key(options.data / "node.key")
        cloud, code = options.cloud.rstrip("/"), options.code
        taken = asyncio.run(renewal.claim_again(options.data, cloud, code, key))
        pairing.forget(options.data)
    except (ClaimRefused, DatabaseUnusable, NotEmpty) as error:
        return _complain(error)
    print(f"This box now belongs to venue {taken.venue_id}.")
    if taken.facts:
        print(f"It goes on where the box before it ended: {taken.facts} facts were carried over.")
    if taken.left_out:
        print(f"Left out, because they could not be understood: {', '.join(taken.left_out)}.")
    return 0


def _pos_key_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.set_defaults(action=_pos_key)


def _pos_key(options: argparse.Namespace) -> int:
    from edge.adapters.till.webhook import KEY_NAME, load_key
    from edge.journal.database import give_to_owner

    try:
        key = load_key(options.data / KEY_NAME)
        give_to_owner(options.data / KEY_NAME)
    except OSError as error:
        return _complain(error)
    print(key)
    return 0


def _doctor_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--quick", action="store_true", help="do not fold the whole journal anew")
    parser.set_defaults(action=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    from edge.journal.doctor import doctor

    report = doctor(options.data, thorough=not options.quick)
    for line in report.lines():
        print(line)
    return 0 if report.well else 1


def _backup_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("target", type=Path, help="file to write")
    parser.set_defaults(action=_backup)


def _backup(options: argparse.Namespace) -> int:
    from edge.journal.backup import BackupRefused, backup

    try:
        made = backup(options.data, options.target)
    except (BackupRefused, OSError, sqlite3.Error) as error:
        return _complain(error)
    print(f"{made.path}: {made.size_bytes} bytes, facts up to {made.tail_seq} of log {made.log_id}")
    return 0


def _restore_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("source", type=Path, help="a file that `backup` wrote")
    parser.add_argument("--force", action="store_true", help="even if facts are lost that nobody else has")
    parser.set_defaults(action=_restore)


def _restore(options: argparse.Namespace) -> int:
    from edge.journal.backup import BackupRefused, restore

    try:
        restored = restore(options.source, options.data, force=options.force)
    except (BackupRefused, OSError, sqlite3.Error) as error:
        return _complain(error)
    print(f"Restored up to fact {restored.tail_seq} of log {restored.log_id}.")
    if restored.aside is not None:
        print(f"The former database is at {restored.aside}.")
    if restored.missing_facts:
        print(f"The cloud has {restored.missing_facts} facts more; the box begins anew when it links.")
    return 0


def _refold_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.set_defaults(action=_refold)


def _refold(options: argparse.Namespace) -> int:
    from edge.journal.database import DatabaseUnusable
    from edge.journal.refold import RefoldRefused, refold

    try:
        done = refold(options.data)
    except (RefoldRefused, DatabaseUnusable, OSError, sqlite3.Error) as error:
        return _complain(error)
    if done is None:
        print("The database is one of this release; nothing to do.")
        return 0
    print(f"{done.facts} facts folded anew: schema {done.former_schema} became {done.schema}.")
    print(f"The newer database is at {done.aside}.")
    return 0


def _export_command(parser: argparse.ArgumentParser) -> None:
    _data_option(parser)
    parser.add_argument("--after", type=int, default=0, metavar="SEQ", help="only facts after this one")
    parser.set_defaults(action=_export)


def _export(options: argparse.Namespace) -> int:
    from edge.journal.export import export

    try:
        exported = export(options.data, sys.stdout.buffer.write, options.after)
    except sqlite3.Error as error:
        return _complain(f"{options.data}: {error}")
    print(f"{exported.facts} facts, chain hash {exported.chain_hash or '-'}", file=sys.stderr)
    return 0


def _demo_command(parser: argparse.ArgumentParser) -> None:
    add_options(parser)
    parser.set_defaults(action=_demo)


def _demo(options: argparse.Namespace) -> int:
    from edge.demo import command

    return command.run(options)


if __name__ == "__main__":
    sys.exit(main())
