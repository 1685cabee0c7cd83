"""One demo for all tests of this folder; each leaves it running."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import pytest_asyncio

from tests.demo_process import DemoProcess


@pytest.fixture(scope="session")
def kept_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    demo = DemoProcess(tmp_path_factory.mktemp("demo") / "venue")
    yield demo
    demo.kill()


@pytest_asyncio.fixture
async def demo(kept_demo: DemoProcess) -> DemoProcess:
    if not kept_demo.runs:
        await kept_demo.start()
    return kept_demo


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session
