"""Every chaos run that this working copy has seen, one line of JSON each, and what they come to together.

Rule of the file: a run is written down whether it went well or not, and never changed afterwards. The file
lies beside the report, where git ignores it.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from tests.chaos.report import Run

_NAME = "tally.jsonl"


class Entry(msgspec.Struct, frozen=True):
    """What stays of one run. `faults` are the sentences about what was wrong."""

    ended: str
    seed: int
    minutes: float
    kills: int
    done: dict[str, int]
    answers: int
    facts: int
    orders: int
    longest_wait_s: float
    drained_s: float
    faults: list[str]


def entry(run: Run, ended: str) -> Entry:
    """Of a run that ended at `ended`, an ISO time."""
    return Entry(
        ended=ended,
        seed=run.seed,
        minutes=run.minutes,
        kills=run.kills,
        done=dict(run.done),
        answers=run.answers,
        facts=run.business.facts,
        orders=run.business.orders,
        longest_wait_s=round(run.longest_wait_s, 1),
        drained_s=round(run.drained_s, 1),
        faults=[f"{finding.sentence}: {finding.fault}" for finding in run.findings if finding.fault],
    )


def add(latest: Entry, folder: Path) -> list[Entry]:
    """Write it down; all that are written down by now."""
    folder.mkdir(exist_ok=True)
    with (folder / _NAME).open("ab") as file:
        file.write(msgspec.json.encode(latest) + b"\n")
    return read(folder)


def read(folder: Path) -> list[Entry]:
    """All runs, oldest first."""
    path = folder / _NAME
    return msgspec.json.Decoder(Entry).decode_lines(path.read_bytes()) if path.exists() else []


def text(entries: Iterable[Entry]) -> str:
    """All of them in one sentence or two."""
    runs = list(entries)
    done: Counter[str] = Counter()
    for each in runs:
        done.update(each.done)
    kills = sum(each.kills for each in runs)
    wrong = [each for each in runs if each.faults]
    return (
        f"All runs so far: {len(runs)} of {sum(each.minutes for each in runs):.0f} minutes together,"
        f" {kills:,} kills, {sum(done.values()) - kills:,} other blows"
        f" ({', '.join(f'{name} {count}' for name, count in done.most_common())});"
        f" {sum(each.answers for each in runs):,} answers and {sum(each.facts for each in runs):,} facts"
        f" compared; {len(wrong)} runs with something wrong"
        + (f" (seeds {', '.join(str(each.seed) for each in wrong)})." if wrong else ".")
    )
