"""`make sim SEEDS=… DAYS=…`: play histories and say what was tried, lost and doubled.

A history that breaks an invariant prints itself and the command that replays it exactly; `SEED=… TRACE=1`
plays one alone and prints every step of it. `docs/proof.md` says what all of this proves.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator

import msgspec

from tests.simulation.epilogue import EPILOGUES
from tests.simulation.history import Result, play
from tests.simulation.plan import KINDS, SAID, WALLS, Plan, plan
from tests.simulation.runs import Tally, cores, play_all
from tests.simulation.shrink import shrink
from tests.simulation.sweep import pairs, singles

#: Broken histories that are made smaller; others of the same run are most likely broken alike.
_MOST_SHRUNK = 2


def main() -> int:
    """Entry point; 1 if any history broke an invariant."""
    told = options(sys.argv[1:])
    if told.seed is not None:
        return _one(chosen(told))
    started_s = time.perf_counter()
    tally = play_all(_plans(told), told.jobs, _tell)
    _report(tally, time.perf_counter() - started_s, told.jobs)
    for broken in tally.broken[:_MOST_SHRUNK] if told.shrink else ():
        smallest = shrink(broken)
        print(f"smaller: {smallest.violations[0]}\n  {smallest.plan.command()}")
    return 1 if tally.broken else 0


def options(arguments: list[str]) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many histories")
    parser.add_argument("--first", type=int, default=0, help="seed of the first one")
    parser.add_argument("--days", type=int, default=1, help="venue-days in each")
    parser.add_argument("--points", type=int, default=0, help="hits of each crash point that are tried alone")
    parser.add_argument("--pairs", type=int, default=0, help="pairs of crashes that are tried")
    parser.add_argument("--jobs", type=int, default=cores(), help="processes")
    parser.add_argument("--shrink", action="store_true", help="make broken histories smaller")
    parser.add_argument("--seed", type=int, help="play this one alone")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every step")
    parser.add_argument(
        "--kinds", help=f"with --seed: these kinds of trouble and no others ({', '.join(KINDS)})"
    )
    parser.add_argument("--visits-a-day", type=int, help="with --seed")
    parser.add_argument("--wall", type=int, choices=range(len(WALLS)), help="with --seed: whose clock")
    parser.add_argument("--crash-odds", type=float, help="with --seed: at every crash point")
    parser.add_argument("--trouble-every-s", type=float, help="with --seed: mean time between troubles")
    parser.add_argument("--venues", type=int, choices=(1, 2), help="with --seed: of one organisation")
    parser.add_argument("--booked-every-s", type=float, help="with --seed: 0 where nobody books stations")
    parser.add_argument(
        "--favoured", help="with --seed: what is in the name of a crash point that strikes often"
    )
    parser.add_argument("--pays-in", type=float, help="with --seed: how often a guest pays in before playing")
    parser.add_argument("--epilogue", choices=("", *EPILOGUES), help="with --seed: what befalls the card")
    parser.add_argument("--strikes", help="with --seed: hits of crash points, counted from the beginning")
    return parser.parse_args(arguments)


def _plans(told: argparse.Namespace) -> Iterator[Plan]:
    for seed in range(told.first, told.first + told.seeds):
        yield plan(seed, told.days)
    if told.points:
        yield from singles(told.first, told.points)
    if told.pairs:
        yield from pairs(told.first, told.pairs)


def chosen(told: argparse.Namespace) -> Plan:
    """The seed's plan with whatever the command line says otherwise."""
    otherwise: dict[str, object] = {"trace": told.trace}
    for name in SAID:
        if getattr(told, name) is not None:
            otherwise[name] = getattr(told, name)
    if told.kinds is not None:
        otherwise["kinds"] = tuple(filter(None, told.kinds.split(",")))
    if told.strikes:
        otherwise["strikes"] = tuple(map(int, told.strikes.split(",")))
    return msgspec.structs.replace(plan(told.seed, told.days), **otherwise)


def _one(wanted: Plan) -> int:
    print(f"seed {wanted.seed}, {wanted.days} days, troubles: {', '.join(wanted.kinds) or 'none'}")
    history = play(wanted)
    print("\n".join(history.lines))
    print(f"trace {history.digest}\ndecisions {history.decisions}")
    _tell(history)
    print(f"{history.virtual_s:.0f} s in the venue; {_listed(history.figures)}")
    return 1 if history.violations else 0


def _tell(history: Result) -> None:
    for violation in history.violations[:1]:
        print(f"seed {history.plan.seed}: {violation}\n  {history.plan.command()}", flush=True)


def _report(tally: Tally, elapsed_s: float, jobs: int) -> None:
    struck = Counter({name: count for name, count in tally.faults.items() if name.startswith("crash at ")})
    for title, counted in (
        ("tried", tally.figures),
        ("faults", tally.faults - struck),
        ("crash points struck", Counter({name[9:]: count for name, count in struck.items()})),
        ("refusals", tally.refusals),
        ("sometimes", tally.sometimes),
    ):
        print(f"{title}: {_listed(counted)}")
    unstruck = sorted(name for name in tally.passed if f"crash at {name}" not in struck)
    print(f"crash points passed and never struck: {', '.join(unstruck) or 'none'}")
    print(f"never happened: {', '.join(tally.never) or 'none of what should sometimes happen'}")
    days = tally.figures["venue-days"]
    print(
        f"{tally.histories:,} histories, {days:,} venue-days in {elapsed_s:.0f} s on {jobs} cores"
        f" ({days / elapsed_s:.1f} a second); {len(tally.broken)} broke an invariant"
    )


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counted.most_common()) or "none"


if __name__ == "__main__":
    sys.exit(main())
