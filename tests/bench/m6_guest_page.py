"""M6: the guest page on a slow phone: until the first dish is there and the page can be tapped.

A 60-dish menu in Chromium at 1.6 Mbit/s, 150 ms round trip, CPU slowed down four times, nothing cached.
Limit: the same dishes as one plain HTML page without script or style, under the same conditions: what the
network and the browser cost by themselves.
"""

import asyncio
import gzip
import html
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from playwright.async_api import CDPSession, Page

from tests.bench.boxes import MENU, box, free_port, journal
from tests.bench.rows import Row
from tests.browser.venue import Browser, open_browser

_NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
_SLOW_DOWN = 4
_MOST_JS_KB = 60.0

#: Notes when the first dish has been drawn and the main thread is free again.
_WATCH = """
new MutationObserver((_changes, observer) => {
  if (!document.querySelector(".dish")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.menuAt_ms = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""


class Visit:
    """One cold visit: seconds to the menu, bytes of script, requests."""

    def __init__(self, menu_s: float, script_bytes: int, requests: int) -> None:
        self.menu_s = menu_s
        self.script_bytes = script_bytes
        self.requests = requests


async def visit(browser: Browser, url: str) -> Visit:
    """A phone that was never here before."""
    page = await browser.device()
    session = await page.context.new_cdp_session(page)
    await _slow(session)
    await page.add_init_script(_WATCH)
    await page.goto(url)
    await page.wait_for_function("window.menuAt_ms !== undefined")
    seen = await _seen(page)
    await page.context.close()
    return seen


async def _slow(session: CDPSession) -> None:
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", _NETWORK)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOW_DOWN})


async def _seen(page: Page) -> Visit:
    entries = await page.evaluate(
        "performance.getEntriesByType('resource').map((each) => [each.name, each.encodedBodySize])"
    )
    script_bytes = sum(size for name, size in entries if name.endswith(".js"))
    return Visit(await page.evaluate("window.menuAt_ms") / 1000, script_bytes, 1 + len(entries))


@asynccontextmanager
async def plain_page() -> AsyncIterator[str]:
    """The same dishes, and nothing that a browser would have to work for."""
    dishes = "".join(
        f'<li class="dish">{html.escape(item.name)} {item.price_minor}</li>' for item in MENU.items
    )
    body = gzip.compress(f"<!doctype html><title>Menu</title><ul>{dishes}</ul>".encode())

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/html", headers={"Content-Encoding": "gzip"})

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/"
    await runner.cleanup()


async def measure(visits: int = 5) -> list[Row]:
    """Medians of cold visits, ours and the plain page's in turns."""
    ours, limit = [], []
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        async with journal(directory):
            pass
        async with box(directory) as (url, _), plain_page() as plain, open_browser() as browser:
            for _ in range(visits):
                ours.append(await visit(browser, f"{url}/t/T1"))
                limit.append(await visit(browser, plain))
    menu_s = statistics.median(each.menu_s for each in ours)
    plain_s = statistics.median(each.menu_s for each in limit)
    return [
        Row.latency("M6 first menu, slow phone", menu_s, plain_s, target="<= 1000 ms"),
        Row.ratio("M6 script, gzip", ours[0].script_bytes / 1000, _MOST_JS_KB, "kB", target="<= 60 kB (x1)"),
        Row.ratio("M6 requests", float(ours[0].requests), float(limit[0].requests), "requests"),
    ]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
