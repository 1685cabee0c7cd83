"""A guest's first order on a box that was just laid down, from within its network; prints the ticket."""

import asyncio
import sys

import aiohttp

from tests.integration.demo.guest import Guest


async def main(code: str, word: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
        guest = await Guest(http, "http://127.0.0.1:8080").sit_down(code, word)
        print((await guest.order_something())["ticket"])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
