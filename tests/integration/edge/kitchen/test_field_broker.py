"""Mosquitto with the very files that `holdfast-provision` lays down: each device is held to its station.

What may not be published is dropped without a word (MQTT 3.1.1 §3.3.5), so after each forbidden message an
allowed one is sent, and only that arrives.
"""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiomqtt
import pytest

from edge.provision.layout import layout
from edge.provision.profile import parse
from edge.provision.steps import File
from protocol.kitchen import status_topic, topic
from tests.integration.edge.kitchen.brokers import PATIENCE_S
from tests.integration.faults.programs import free_port

VENUE = "01890a5d-ac96-774b-bcce-b302099a8057"
USERS = ("holdfast", "hot-screen", "bar-screen")
PROFILE = parse(
    b"""
name = "Bar"
version = "0.2.0"
[[kitchen]]
name = "hot-screen"
station = "hot"
[[kitchen]]
name = "bar-screen"
station = "bar"
"""
)


def lay_down(directory: Path, port: int) -> Path:
    """Configuration and list of rights as on a box, with this folder in the place of /etc/mosquitto."""
    laid = {step.path: step.content.decode() for step in layout(PROFILE) if isinstance(step, File)}
    for path in ("/etc/mosquitto/holdfast.acl", "/etc/mosquitto/conf.d/holdfast.conf"):
        text = (
            laid[path]
            .replace("/etc/mosquitto/", f"{directory}/")
            .replace("listener 1883", f"listener {port}")
        )
        (directory / Path(path).name).write_text(text)
    (directory / "holdfast.passwd").touch(mode=0o600)
    for user in USERS:
        argv = ["mosquitto_passwd", "-b", str(directory / "holdfast.passwd"), user, f"{user}'s own"]
        subprocess.run(argv, check=True, capture_output=True)
    if os.geteuid() == 0:  # or it would give up root, and could not read what is this test's own
        with (directory / "holdfast.conf").open("a") as conf:
            conf.write("user root\n")
    return directory / "holdfast.conf"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    number, directory = free_port(), tmp_path_factory.mktemp("field-broker")
    command = ["mosquitto", "-c", str(lay_down(directory, number))]
    with (directory / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as broker:
        try:
            yield number
        finally:
            broker.kill()


@contextlib.asynccontextmanager
async def connected(port: int, user: str, *filters: str) -> AsyncIterator[aiomqtt.Client]:
    """A client of the broker, once that is up."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            client = aiomqtt.Client("127.0.0.1", port, username=user, password=f"{user}'s own")
            try:
                await client.__aenter__()
                break
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)
    try:
        for each in filters:
            await client.subscribe(each, qos=1)
        yield client
    finally:
        await client.__aexit__(None, None, None)


async def heard(client: aiomqtt.Client, last: str) -> list[str]:
    """The topics of what came, up to the one that was known to come."""
    topics = []
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            topics.append(message.topic.value)
            if topics[-1] == last:
                return topics
    raise AssertionError("the messages ended")


async def test_a_device_says_nothing_but_the_acknowledgements_of_its_own_station(port: int) -> None:
    forbidden = (
        topic(VENUE, "bar", "ack"),
        topic(VENUE, "hot", "ticket"),
        topic(VENUE, "hot", "snapshot"),
        status_topic(VENUE),
        "v1/anything",
        "homeassistant/switch/x/config",
    )
    own = topic(VENUE, "hot", "ack")
    async with connected(port, "holdfast", "v1/#") as box, connected(port, "hot-screen") as screen:
        for each in forbidden:
            await screen.publish(each, b"{}", qos=1)
        await screen.publish(own, b"{}", qos=1)
        assert await heard(box, own) == [own]


async def test_a_device_hears_its_own_station_and_the_boxs_state(port: int) -> None:
    own = [topic(VENUE, "hot", leaf) for leaf in ("ticket", "snapshot", "error")]
    others = [topic(VENUE, "bar", leaf) for leaf in ("ticket", "snapshot", "error", "ack")]
    async with connected(port, "hot-screen", "#", "v1/#") as screen, connected(port, "holdfast") as box:
        for each in (*others, "v1/private", *own, status_topic(VENUE)):
            await box.publish(each, b"{}", qos=1)
        told = await heard(screen, status_topic(VENUE))
        assert set(told) == {*own, status_topic(VENUE)}


@pytest.mark.parametrize(("user", "password"), [("hot-screen", "guess"), ("nobody", ""), (None, None)])
async def test_strangers_are_kept_out(port: int, user: str | None, password: str | None) -> None:
    async with connected(port, "bar-screen"):
        pass  # the broker is up
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", port, username=user, password=password):
            raise AssertionError("a stranger was let in")
