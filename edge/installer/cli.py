"""What `holdfast-edge devices` does: list, find, look, adopt, try, bind, release, fit.

Exit status 0 if all went well, 1 if something did not; `--json` prints what the box says, for programs.
Counterpart: `options.py` is what may be typed.
"""

import argparse
import asyncio
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from pathlib import Path

from edge.installer import visit, wording
from edge.installer.desk import BoxRefused, BoxSilent, Desk, at_desk
from edge.installer.fitting_out import FittingOut
from edge.provision import expected, profile
from protocol.devices import AdoptRequest, LookRequest

_NAMED = (BoxSilent, BoxRefused, expected.BadList, profile.BadProfile, OSError, sqlite3.Error)

Action = Callable[[argparse.Namespace, Desk], Awaitable[int]]


def run(options: argparse.Namespace) -> int:
    """Do what was typed; the exit status."""

    async def go() -> int:
        async with at_desk(options.data, options.box) as desk:
            return await _DEEDS[options.deed](options, desk)

    try:
        return asyncio.run(go())
    except _NAMED as error:
        code = f" ({error.code})" if isinstance(error, BoxRefused) else ""
        print(f"{error}{code}", file=sys.stderr)
        return 1


async def _list(options: argparse.Namespace, desk: Desk) -> int:
    reply = await desk.devices()
    _say(options, reply, wording.in_service(reply))
    failed = [each.tested for each in reply.devices if each.tested] + list(reply.kitchen.values())
    return 1 if any(each.failed for each in failed) else 0


async def _find(options: argparse.Namespace, desk: Desk) -> int:
    await asyncio.sleep(options.wait)
    reply = await desk.found()
    _say(options, reply, wording.found(reply))
    return 0


async def _look(options: argparse.Namespace, desk: Desk) -> int:
    asked = LookRequest(options.address, options.kind, options.user, _password(options))
    found = await desk.look(asked)
    _say(options, found, [f"{found.id}: {found.model_name}, firmware {found.firmware}, {found.state}"])
    return 0


async def _adopt(options: argparse.Namespace, desk: Desk) -> int:
    names = _names(options.data)
    wish = AdoptRequest(
        name=options.name,
        station_id=names.play.get(options.station, options.station),
        mac=options.mac,
        stations=tuple(names.kitchen.get(each, each) for each in options.kitchen),
        receipts=options.receipts,
        user=options.user,
        password=_password(options),
        replaces=options.replaces,
    )
    reply = await desk.adopt(options.device, wish)
    _say(options, reply, [f"{reply.device.name} is in service: {wording.trial(reply.trial)}"])
    return 0


async def _try(options: argparse.Namespace, desk: Desk) -> int:
    names = _names(options.data)
    reply = await desk.devices()
    serving = {each.id: each.name for each in reply.devices}
    # A station where a printer does it has no screen that could answer: only those that ever should have one.
    screens = (
        names.kitchen.get(each, each) for each in (*expected.read(expected.LIST).kitchen, *reply.kitchen)
    )
    which = options.which or [*serving, *dict.fromkeys(screens)]
    told, well = {}, True
    for each in which:
        try:
            station = names.kitchen.get(each)
            trial = await (desk.try_again(each) if station is None else desk.try_kitchen(station))
            told[each] = {"ok": True, "passed": trial.passed, "power_w": trial.power_w}
            words = f"passed: {wording.trial(trial)}"
        except BoxRefused as refused:
            told[each] = {"ok": False, "code": refused.code, "step": refused.step, "why": str(refused)}
            well, words = False, f"FAILED at '{refused.step or 'begin'}': {refused} ({refused.code})"
        if not options.json:
            print(f"{serving.get(each, each)}: {words}", flush=True)
    if options.json:
        print(wording.as_json(told))
    return 0 if well else 1


async def _bind(options: argparse.Namespace, desk: Desk) -> int:
    station = _names(options.data).play.get(options.station, options.station)
    reply = await desk.bind(options.router, station, options.mac)
    _say(options, reply, [f"{reply.name} cares for {', '.join(reply.machines)}"])
    return 0


async def _release(options: argparse.Namespace, desk: Desk) -> int:
    reply = await desk.release(options.device, options.reason)
    left = "" if reply.unlocked else " It could not be told: reset it by hand before somebody else uses it."
    _say(options, reply, [f"{reply.id} is out of service.{left}"])
    return 0


async def _fit(options: argparse.Namespace, desk: Desk) -> int:
    wanted = _expected(options.profile)
    if not wanted.devices and not wanted.kitchen:
        print("The profile expects no devices; name them as [[device]].", file=sys.stderr)
        return 1
    out = FittingOut(desk, _names(options.data), lambda: time.time_ns() // 1_000_000, options.wait)
    done = await out.all(
        wanted, lambda each: None if options.json else print(wording.fitted(each), flush=True)
    )
    visit.write(options.data, done)
    if options.json:
        print(wording.as_json(done))
    return 1 if any(each.outcome == "failed" for each in done) else 0


async def _missing(options: argparse.Namespace, desk: Desk) -> int:
    names, visits = _names(options.data), visit.read(options.data)
    reply = await desk.devices()
    wanted = expected.read(expected.LIST)
    lost = [*visit.missing(wanted, reply.devices, names, visits), *visit.failed(reply)]
    _say(options, lost, (f"{each.name}: {each.words}" for each in lost))
    return 1 if lost else 0


def _expected(path: Path | None) -> expected.ExpectedList:
    if path is None:
        return expected.read(expected.LIST)
    wanted = profile.load(path)
    return expected.ExpectedList(wanted.device, tuple(dict.fromkeys(each.station for each in wanted.kitchen)))


def _names(directory: Path) -> visit.Names:
    """The venue's stations, from the box's own journal. Raises `BoxSilent` where there is no venue."""
    from edge.journal.database import open_reader
    from edge.journal.hot import Hot

    with closing(open_reader(directory)) as reader:
        venue = Hot(reader).committed_venue()
    if venue is None:
        raise BoxSilent("This box serves no venue yet: pair it, or `holdfast-edge found` one.")
    return visit.names_of(venue.config)


def _password(options: argparse.Namespace) -> str:
    return options.password_file.read_text().strip() if options.password_file else ""


def _say(options: argparse.Namespace, told: object, lines: Iterable[str]) -> None:
    print(wording.as_json(told) if options.json else "\n".join(lines))


_DEEDS: dict[str, Action] = {
    "list": _list,
    "find": _find,
    "look": _look,
    "adopt": _adopt,
    "try": _try,
    "bind": _bind,
    "release": _release,
    "fit": _fit,
    "missing": _missing,
}
