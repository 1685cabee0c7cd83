"""The stand-in as a program: `python -m firmware_profiles.emulators.stripe --port 12111 --webhook URL`.

Prints one line of JSON saying where it answers and with which keys, then serves until SIGINT or SIGTERM.
Lines typed at it make things happen: `payout`; `drop`, `hang`, `mend` (the way there); `hold`, `release`,
`twice`, `shuffled` (webhooks).
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from firmware_profiles.emulators.stripe.standin import PUBLISHABLE_KEY, SECRET_KEY, StripeStandIn


def _happenings(stripe: StripeStandIn) -> dict[str, Callable[[], object]]:
    def mend() -> None:
        stripe.faults.drop = False
        stripe.faults.answer()

    return {
        "payout": stripe.pay_out,
        "drop": lambda: setattr(stripe.faults, "drop", True),
        "hang": stripe.faults.hang,
        "mend": mend,
        "hold": lambda: setattr(stripe.whims, "hold", True),
        "release": stripe.deliveries.release,
        "twice": lambda: setattr(stripe.whims, "twice", True),
        "shuffled": lambda: setattr(stripe.whims, "shuffled", True),
    }


async def _serve(asked: argparse.Namespace) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    account = StripeStandIn(
        webhook_url=asked.webhook, host=asked.host, port=asked.port, origin=asked.origin, state=asked.state
    )
    async with account as stripe:
        words = {
            "url": stripe.url,
            "secret_key": SECRET_KEY,
            "publishable_key": PUBLISHABLE_KEY,
            "webhook_secret": stripe.webhook_secret,
        }
        print(json.dumps(words), flush=True)
        happenings = _happenings(stripe)

        def hear() -> None:
            came = os.read(sys.stdin.fileno(), 4096)
            if not came:
                loop.remove_reader(sys.stdin)
            for word in came.decode(errors="replace").split():
                if word in happenings:
                    happenings[word]()
                else:
                    print(f"Not one of: {' '.join(sorted(happenings))}", file=sys.stderr, flush=True)

        loop.add_reader(sys.stdin, hear)
        await stop.wait()
        loop.remove_reader(sys.stdin)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m firmware_profiles.emulators.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--origin", default="", metavar="HOST", help="how guests' phones reach it")
    parser.add_argument("--webhook", metavar="URL", help="who is told of events")
    parser.add_argument("--state", type=Path, metavar="FILE", help="where the account is kept")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
