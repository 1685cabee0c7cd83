"""The moment at which off commands leave: all that are due, none that was taken back, in one call."""

import asyncio

from edge.effects.devices.volley import Volley


class Still:
    """A clock that the test moves; whoever waits for it waits for the event."""

    def __init__(self) -> None:
        self.at_s = 100.0
        self.waits: list[float] = []
        self.asked = asyncio.Event()

    def now_s(self) -> float:
        return self.at_s

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        self.waits.append(timeout_s)
        self.asked.set()
        await event.wait()

    async def waited(self) -> None:
        """Until somebody waits by this clock, once more."""
        await self.asked.wait()
        self.asked.clear()


def test_what_is_due_goes_and_the_rest_stays() -> None:
    clock, gone = Still(), list[str]()
    volley = Volley(clock)
    for name, at_s in (("a", 101.0), ("b", 102.0), ("c", 101.5), ("d", 101.0)):
        volley.aim(name, at_s, lambda name=name: gone.append(name))  # type: ignore[misc]
    volley.drop("d")
    volley.drop("never aimed")
    volley.fire_due()
    assert gone == []
    clock.at_s = 101.5
    volley.fire_due()
    volley.fire_due()
    assert gone == ["a", "c"]


def test_aiming_anew_moves_the_moment() -> None:
    clock, gone = Still(), list[str]()
    volley = Volley(clock)
    volley.aim("a", 101.0, lambda: gone.append("early"))
    volley.aim("a", 200.0, lambda: gone.append("late"))
    clock.at_s = 150.0
    volley.fire_due()
    assert gone == []
    clock.at_s = 200.0
    volley.fire_due()
    assert gone == ["late"]


async def test_it_waits_for_the_next_and_is_woken_by_an_earlier_one() -> None:
    clock, gone = Still(), list[str]()
    volley = Volley(clock)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(volley.run())
        await clock.waited()
        volley.aim("a", 160.0, lambda: gone.append("a"))
        await clock.waited()
        clock.at_s = 120.0
        volley.aim("b", 120.0, lambda: gone.append("b"))
        await clock.waited()
        running.cancel()
    assert clock.waits[1:] == [60.0, 40.0]
    assert gone == ["b"]
