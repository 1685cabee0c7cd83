"""A guest in the middle of an evening, from within a box's network; prints the seat and what was ordered.

    python -m tests.install.seated sit-down TABLE-CODE PASS-WORD
    python -m tests.install.seated go-on SESSION TOKEN

The second is the same phone at the same table, whatever box answers there by then.
"""

import asyncio
import json
import sys

import aiohttp

from tests.integration.demo.guest import Guest


async def main(how: str, *words: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        guest = Guest(http, "http://127.0.0.1:8080")
        if how == "go-on":
            guest.go_on(words[0], words[1])
        else:
            await guest.sit_down(words[0], words[1])
        before = [order["order_id"] for order in (await guest.snapshot())["orders"]]
        placed = await guest.order_something()
    seat = {"session_pid": guest.session_pid, "token": guest.token}
    print(json.dumps({**seat, "before": before, "order_id": placed["order_id"], "ticket": placed["ticket"]}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
