"""`holdfast-provision`: plan, apply and check a box, write the image of one, gather a bundle."""

import argparse
import os
import shutil
import sys
from pathlib import Path

from edge.provision.apply import StepFailed, apply
from edge.provision.bundle import PYTHONS, BundleFailed, gather_packages, gather_wheels, seal
from edge.provision.check import check
from edge.provision.host import Host, HostUnreachable, SshHost, folder, this_machine
from edge.provision.image import CannotWrite, image
from edge.provision.layout import BUNDLES, DATA, RELEASE_KEY, layout, packages
from edge.provision.observed import CannotObserve, observe
from edge.provision.plan import MACHINES, WrongMachine, plan, question, suits
from edge.provision.profile import BadProfile, Profile, load
from edge.provision.steps import spelled
from edge.provision.upgrade import NotNow, Patience, Upgrade, UpgradeFailed

#: What a person is told in a sentence; anything else is a defect and shows its trace.
NAMED = (
    *(BadProfile, BundleFailed, CannotObserve, CannotWrite, HostUnreachable, NotNow, StepFailed),
    *(UpgradeFailed, WrongMachine),
)


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit status: 0 well, 1 something is wrong or to do, 2 bad usage."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.action(options)
    except NAMED as error:
        print(error, file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdfast-provision", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="COMMAND")
    planning = actions.add_parser("plan", help="say what apply would do, and touch nothing")
    planning.add_argument("--commands", action="store_true", help="with the commands")
    _where(planning).set_defaults(action=_plan)
    applying = _where(actions.add_parser("apply", help="make the box as the profile says"))
    applying.add_argument("--bundle", type=Path, help="folder made by `bundle`, to be copied to the box")
    applying.set_defaults(action=_apply)
    _where(actions.add_parser("check", help="say what is wrong now and how to mend it")).set_defaults(
        action=_check
    )
    _image_command(
        actions.add_parser("image", help="write the boot partition of a card that installs itself")
    )
    upgrading = actions.add_parser("upgrade", help="bring this box to a signed release, or back")
    upgrading.add_argument("bundle", type=Path, nargs="?", help="folder or mounted stick with the bundle")
    upgrading.add_argument("--asked", action="store_true", help="to the one that the box itself has gathered")
    upgrading.add_argument("--now", action="store_true", help="even while guests would notice")
    upgrading.add_argument("--watch", type=float, default=300.0, metavar="SECONDS", help="before it stays")
    upgrading.set_defaults(action=_upgrade)
    resuming = actions.add_parser("resume", help="take back an upgrade that the power cut short")
    resuming.set_defaults(action=_resume)
    signing = actions.add_parser("sign", help="sign a bundle, so that boxes may upgrade to it")
    signing.add_argument("bundle", type=Path)
    signing.add_argument("--key", type=Path, required=True, help="file with the private key")
    signing.set_defaults(action=_sign)
    making = actions.add_parser("keygen", help="make the key that signs releases; prints the public one")
    making.add_argument("private", type=Path, help="file to write, for yourself alone")
    making.set_defaults(action=_keygen)
    _bundle_command(
        actions.add_parser("bundle", help="gather all that a box needs, for venues without internet")
    )
    return parser


def _where(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("profile", type=Path, help="TOML file about the box")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--ssh", metavar="USER@HOST", help="the box, where USER may use sudo")
    place.add_argument(
        "--root", type=Path, help="a folder that holds the box's system, such as a mounted card"
    )
    return parser


def _host(options: argparse.Namespace) -> Host:
    if options.ssh is not None:
        return SshHost(options.ssh)
    if os.geteuid() != 0:
        raise CannotObserve("Only root can look after this machine: use sudo, or --ssh for another one.")
    return folder(options.root) if options.root is not None else this_machine()


def _plan(options: argparse.Namespace) -> int:
    profile, host = load(options.profile), _host(options)
    steps = layout(profile)
    seen = observe(host, question(steps))
    suits(profile, seen)
    due = plan(steps, seen)
    for each in due:
        print(f"{each.step.title}: {each.why}")
        for command in each.step.commands(seen) if options.commands else ():
            print(f"    {spelled(command)}")
    print(f"{len(due)} of {len(steps)} steps to take." if due else "Nothing to do.")
    return 0


def _apply(options: argparse.Namespace) -> int:
    profile = load(options.profile)
    done = apply(_host(options), profile, lambda line: print(line, flush=True), options.bundle)
    print(f"{len(done)} steps taken." if done else "Nothing to do.")
    return 0


def _check(options: argparse.Namespace) -> int:
    findings = check(_host(options), load(options.profile))
    for finding in findings:
        print(f"{finding.wrong}\n    to mend it: {finding.mend}")
    if not findings:
        print("All is well.")
    return 1 if findings else 0


def _upgrade(options: argparse.Namespace) -> int:
    if options.asked == (options.bundle is not None):
        raise NotNow("name a bundle, or say --asked")
    upgrade = Upgrade(this_machine(), lambda line: print(line, flush=True), Patience(watch_s=options.watch))
    if options.asked:
        return _upgrade_as_asked(upgrade)
    from edge.provision.release import verify

    key = _release_key()
    manifest = verify(options.bundle, key)
    target = Path(BUNDLES) / manifest.version
    # Copied, then looked at again: what is installed is what was verified, whatever happens to the stick.
    if target.resolve() != options.bundle.resolve():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(options.bundle, target)
        verify(target, key)
    upgrade.run(manifest.version, now=options.now)
    return 0


def _upgrade_as_asked(upgrade: Upgrade) -> int:
    """The box reads from the progress what became of it; whatever stops it before that is written there."""
    from edge.provision.asked import carry, take_note

    wanted = take_note(Path(DATA))
    if wanted is None:
        print("The box asks for nothing.")
        return 0
    try:
        carry(Path(DATA), wanted.version, Path(BUNDLES) / wanted.version, _release_key())
        upgrade.run(wanted.version, now=wanted.insist, asked=wanted.asked)
    except (*NAMED, OSError) as error:
        upgrade.refuse(wanted.version, str(error), wanted.asked)
        raise
    return 0


def _release_key() -> str:
    try:
        return Path(RELEASE_KEY).read_text().strip()
    except OSError as error:
        raise NotNow(f"{RELEASE_KEY}: {error.strerror}; name `release_key` in the profile first") from None


def _resume(options: argparse.Namespace) -> int:
    Upgrade(this_machine(), lambda line: print(line, flush=True)).resume()
    return 0


def _sign(options: argparse.Namespace) -> int:
    from edge.provision.release import sign

    try:
        sign(options.bundle, options.key.read_text().strip())
    except OSError as error:
        raise BundleFailed(f"{error.filename}: {error.strerror}") from None
    return 0


def _keygen(options: argparse.Namespace) -> int:
    from edge.provision.release import make_key

    private, public = make_key()
    try:
        options.private.touch(mode=0o600, exist_ok=False)
        options.private.write_text(private + "\n")
    except OSError as error:
        raise BundleFailed(f"{options.private}: {error.strerror}") from None
    print(public)
    return 0


def _image_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", type=Path, help="TOML file about the box")
    parser.add_argument("boot", type=Path, help="where the card's boot partition is mounted")
    parser.add_argument("--bundle", type=Path, required=True, help="folder made by `bundle`")
    parser.add_argument(
        "--ssh-key", type=Path, action="append", default=[], help="public key of an installer"
    )
    parser.set_defaults(action=_image)


def _image(options: argparse.Namespace) -> int:
    profile = load(options.profile)
    try:
        keys = tuple(path.read_text().strip() for path in options.ssh_key)
        image(profile, options.profile.read_bytes(), options.boot, options.bundle, keys)
    except OSError as error:
        raise CannotWrite(str(error)) from None
    print(f"Put the card into the box and switch it on: {profile.name} installs itself.")
    return 0


def _bundle_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("profile", type=Path, help="TOML file about the box")
    parser.add_argument("target", type=Path, help="folder to make")
    parser.add_argument("--wheel", type=Path, required=True, help="the release: holdfast-….whl")
    parser.add_argument("--debian", choices=sorted(PYTHONS), default="12")
    parser.add_argument(
        "--packages", action="store_true", help="with Debian packages, from this system's apt"
    )
    parser.set_defaults(action=_bundle)


def _bundle(options: argparse.Namespace) -> int:
    profile: Profile = load(options.profile)
    if f"-{profile.version}-" not in options.wheel.name:
        raise BundleFailed(f"{options.wheel.name} is not release {profile.version}, which the profile names")
    gather_wheels(options.wheel, options.target, MACHINES[profile.board.kind], options.debian)
    if options.packages:
        gather_packages(packages(profile), options.target)
    manifest = seal(options.target, profile.version)
    print(f"{manifest.parent}: {sum(1 for _ in manifest.parent.rglob('*') if _.is_file())} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
