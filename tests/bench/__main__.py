"""`make bench`: every measure in one table and in `bench/results.json`; `m1 m5` as arguments: only those."""

import argparse
import asyncio
from pathlib import Path

import msgspec

from tests.bench import (
    growth,
    jobs,
    m1_cart,
    m2_journal,
    m3_cart,
    m3_catch_up,
    m3_heal,
    m3_peers,
    m4_agents,
    m4_expiry,
    m5_footprint,
    m6_guest_page,
    m7_herd,
    m8_kitchen,
    m9_growth,
    m10_shop,
    saturday,
    webhooks,
)
from tests.bench.rows import Row

MEASURES = {
    "m1": m1_cart.measure,
    "m2": m2_journal.measure,
    "m3": m3_catch_up.measure,
    "m3-heal": m3_heal.measure,
    "m3-cart": m3_cart.measure,
    "m3-peers": m3_peers.measure,
    "m4": m4_expiry.measure,
    "m4-agents": m4_agents.measure,
    "m5": m5_footprint.measure,
    "m6": m6_guest_page.measure,
    "m7": m7_herd.measure,
    "m8": m8_kitchen.measure,
    "m10": m10_shop.measure,
    "jobs": jobs.measure,
    "webhooks": webhooks.measure,
    "m9": m9_growth.measure,
    "saturday": saturday.measure,
    "growth": growth.measure,
}
RESULTS = Path("bench/results.json")


async def run(names: list[str]) -> list[Row]:
    """Measure one after the other, printing as they come."""
    rows = []
    print(f"{'measure':<34} {'ours':>12} {'limit':>12} {'unit':<14} {'ratio':<9} {'target':<28} survives")
    for name in names:
        for row in await MEASURES[name]():
            print(row, flush=True)
            rows.append(row)
    return rows


def main() -> None:
    """Run the named measures, or all."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Ours beside a limit, in one run."
    )
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"all, or some of: {', '.join(MEASURES)}"
    )
    names = parser.parse_args().measures
    if unknown := sorted(set(names) - set(MEASURES)):
        parser.error(f"no such measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    rows = asyncio.run(run(names or list(MEASURES)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(rows)))
    print(f"written to {RESULTS}")


if __name__ == "__main__":
    main()
