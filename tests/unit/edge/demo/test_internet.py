"""The relay between box and cloud: passes everything on, until it is cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio

from edge.demo.internet import Internet

HOST = "127.0.0.1"


@asynccontextmanager
async def far_side() -> AsyncIterator[int]:
    """A server that shouts back what it hears, and says goodbye when nothing more comes; its port."""
    async with asyncio.TaskGroup() as group:

        async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while chunk := await reader.read(65536):
                    writer.write(chunk.upper())
                    await writer.drain()
                writer.write(b"bye")
            except ConnectionError:
                return
            finally:
                writer.close()

        server = await asyncio.start_server(lambda r, w: group.create_task(shout(r, w)) and None, HOST, 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


@pytest_asyncio.fixture
async def internet() -> AsyncIterator[Internet]:
    async with far_side() as port, Internet(HOST, port).serving() as internet:
        yield internet


async def test_passes_on_both_ways_to_the_last_byte(internet: Internet) -> None:
    reader, writer = await asyncio.open_connection(HOST, internet.port)
    sent = b"facts " * 200_000
    writer.write(sent)
    writer.write_eof()
    assert await reader.read(-1) == sent.upper() + b"bye"
    writer.close()


async def test_cutting_resets_who_is_connected_and_whoever_comes(internet: Internet) -> None:
    reader, writer = await asyncio.open_connection(HOST, internet.port)
    writer.write(b"a")
    assert await reader.read(10) == b"A"

    internet.cut()
    with pytest.raises(ConnectionResetError):
        await reader.read(10)
    late_reader, late_writer = await asyncio.open_connection(HOST, internet.port)
    with pytest.raises(ConnectionResetError):
        await late_reader.read(10)
    for each in (writer, late_writer):
        each.close()


async def test_healing_lets_new_ones_through(internet: Internet) -> None:
    internet.cut()
    internet.heal()
    reader, writer = await asyncio.open_connection(HOST, internet.port)
    writer.write(b"a")
    assert await reader.read(10) == b"A"
    writer.close()


async def test_nobody_on_the_far_side_is_a_reset_too() -> None:
    async with Internet(HOST, 1).serving() as internet:
        reader, writer = await asyncio.open_connection(HOST, internet.port)
        with pytest.raises(ConnectionResetError):
            await reader.read(10)
        writer.close()
