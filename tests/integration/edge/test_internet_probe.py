"""Telling an internet that is gone from a cloud that is: real servers are asked; a portal is no internet."""

import asyncio

import pytest
from aiohttp import web

from edge.adapters.cloud.internet_probe import InternetProbe


class Elsewhere:
    """Something on the internet that answers with `status`."""

    def __init__(self) -> None:
        self.status = 204
        self.asked = 0
        self.down = True
        self.told = asyncio.Event()

    async def answer(self, _request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status, headers={"Location": "/sign-in"})

    async def learns(self, probe: InternetProbe, reachable: bool | None) -> None:
        """Wait until the probe says so."""
        async with asyncio.timeout(60):
            while probe.reachable is not reachable:
                self.told.clear()
                probe.link_changed()
                await self.told.wait()


@pytest.mark.parametrize(("status", "reachable"), [(204, True), (200, True), (302, False), (503, False)])
async def test_an_answer_counts_and_a_portal_does_not(status: int, reachable: bool) -> None:
    there = Elsewhere()
    there.status = status
    application = web.Application()
    application.router.add_get("/", there.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    probe = InternetProbe((f"http://{host}:{port}/",), lambda: there.down)
    probe.listen(there.told.set)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(probe.run())
        await there.learns(probe, reachable)
        there.down = False
        await there.learns(probe, None)
        asked = there.asked
        probe.link_changed()
        await asyncio.sleep(0.05)
        assert there.asked == asked
        running.cancel()
    await runner.cleanup()


async def test_nobody_answers_and_nobody_is_asked_without_addresses() -> None:
    there = Elsewhere()
    probe = InternetProbe(("http://127.0.0.1:9/", "not an address"), lambda: there.down)
    probe.listen(there.told.set)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(probe.run())
        await there.learns(probe, False)
        running.cancel()
    silent = InternetProbe((), lambda: True)
    await silent.run()
    assert silent.reachable is None
