"""A worker that ends its jobs meets some whose own time runs out in that very moment."""

import asyncio
from typing import Any, cast

import pytest

from cloud.config import Config
from cloud.jobs.carrying import Carrier
from cloud.jobs.registry import Interrupted, Kind, Nothing, Work
from cloud.web.figures import Figures


async def test_a_job_whose_time_has_just_run_out_does_not_keep_the_others_from_being_ended() -> None:
    carrier = Carrier(Config(), cast(Any, None), cast(Any, None), Figures())
    begun = asyncio.Event()

    async def at_its_end(_work: Work, _nothing: Nothing) -> None:
        try:
            await begun.wait()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            carrier.cut_off()
            raise

    async def in_the_middle(_work: Work, _nothing: Nothing) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def interrupted(kind: Kind[Any]) -> None:
        with pytest.raises(Interrupted):
            await carrier._do(kind, cast(Any, None), "{}")

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(interrupted(Kind(name="late", body=Nothing, do=at_its_end, longest_run_s=0)))
        tasks.create_task(interrupted(Kind(name="long", body=Nothing, do=in_the_middle)))
