"""Play time in the demo: a till, an emulated plug, a PC's agent, and the owner far away."""

import asyncio
from typing import Any

import aiohttp

from tests.demo_process import DemoProcess

Json = dict[str, Any]


class Till:
    """Staff at the counter of the demo."""

    def __init__(self, demo: DemoProcess, http: aiohttp.ClientSession) -> None:
        self.said = demo.said
        self._http = http
        self._token = ""

    async def ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Status and body of a request."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        address = self.said["edge"] + path
        async with self._http.request(method, address, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def sign_in(self) -> None:
        """As the manager."""
        self._token = (await self.ask("POST", "/api/v1/auth/pin", self.said["staff"]))[1]["token"]

    async def station(self, station_id: str) -> Json:
        """A station as it stands."""
        _, answer = await self.ask("GET", "/api/v1/stations")
        return dict(next(each for each in answer["stations"] if each["id"] == station_id))

    async def until(self, station_id: str, **wanted: Any) -> Json:
        """The station once it is as wanted."""
        async with asyncio.timeout(60):
            while True:
                station = await self.station(station_id)
                if all(station[name] == value for name, value in wanted.items()):
                    return station
                await asyncio.sleep(0.1)


async def test_a_console_has_power_while_it_is_paid_for(
    demo: DemoProcess, http: aiohttp.ClientSession
) -> None:
    till = Till(demo, http)
    await till.sign_in()
    console = next(each for each in demo.said["stations"] if each["name"] == "PS5-1")
    body = {"station_id": console["id"], "duration": 60, "payment_method": "CASH", "amount": 10.00}
    status, session = await till.ask("POST", "/api/v1/sessions/start", body)
    assert status == 201
    await till.until(console["id"], status="IN_USE", power_w=182.0)
    async with http.post(f"{console['plug']}/rpc/Switch.GetStatus", json={"id": 0}) as answer:
        plug = await answer.json()
    assert plug["output"]
    assert 3600 < plug["timer_duration"] <= 3606
    assert (await till.ask("DELETE", f"/api/v1/sessions/{session['id']}"))[0] == 200
    await till.until(console["id"], status="ONLINE", power_w=0.0)


async def test_the_agent_of_the_pc_is_there(demo: DemoProcess, http: aiohttp.ClientSession) -> None:
    till = Till(demo, http)
    await till.sign_in()
    pc = next(each for each in demo.said["stations"] if each["kind"] == "pc")
    station = await till.until(pc["id"], status="ONLINE")
    assert station["agent"]["specs"]["cores"] >= 1
    headers = {"Authorization": f"Bearer {pc['agent_token']}"}
    async with http.get(f"{demo.said['edge']}/ws/agent/no-such", headers=headers) as answer:
        assert answer.status == 404
