"""The demo for people: addresses, logins, a table's QR code, live counters, and keys to make trouble with.

Rule of the file: it looks and presses; what happens is the venue's. Without a terminal it prints the
addresses once and waits.
"""

import asyncio
import contextlib
import sys
import termios
import tty
from collections.abc import Iterator
from typing import Any

import aiohttp
import segno
from rich.align import Align
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.demo.addresses import ask
from edge.demo.announcement import Announcement
from edge.demo.venue import Demo

_LOOK_EVERY_S = 0.5
_KEYS = "[b]i[/b] cut or restore the internet   [b]k[/b] kill the box   [b]q[/b] quit"
#: Two rows of modules in one line of text: upper and lower half of a character.
_HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}


def qr_lines(content: str) -> list[str]:
    """A QR code as lines of text, light on dark as terminals are, four modules of quiet zone around it."""
    rows = [[bool(module) for module in row] for row in segno.make(content, error="m").matrix_iter(border=4)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs]


class Screen:
    """Shows one demo until somebody presses q."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._quit = asyncio.Event()
        self._edge: dict[str, Any] | None = None
        self._cloud: dict[str, Any] | None = None
        self._note = ""

    async def show(self) -> None:
        """Until q, or for ever where there is no keyboard."""
        console = Console()
        announcement = self._demo.announce()
        if not (sys.stdin.isatty() and console.is_terminal):
            console.print(self._about(announcement))
            await self._quit.wait()
            return
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=1.0), cookie_jar=aiohttp.CookieJar(unsafe=True)
        ) as session:
            with self._keyboard(), Live(console=console, auto_refresh=False, screen=True) as live:
                while not self._quit.is_set():
                    await self._look(session)
                    live.update(self._picture(self._demo.announce()), refresh=True)
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_EVERY_S):
                            await self._quit.wait()

    # ── keys ─────────────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def _keyboard(self) -> Iterator[None]:
        """Keys one by one and unseen; the terminal is given back as it was."""
        terminal, loop = sys.stdin.fileno(), asyncio.get_running_loop()
        before = termios.tcgetattr(terminal)
        tty.setcbreak(terminal)
        loop.add_reader(terminal, lambda: self.press(sys.stdin.read(1)))
        try:
            yield
        finally:
            loop.remove_reader(terminal)
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)

    def press(self, key: str) -> None:
        """What a key does."""
        internet = self._demo.internet
        if key == "i" and internet.up:
            internet.cut()
        elif key == "i":
            internet.heal()
        elif key == "k":
            self._demo.kill("edge")
            self._note = "The box was killed; it starts again."
        elif key == "q":
            self._quit.set()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    async def _look(self, session: aiohttp.ClientSession) -> None:
        announcement = self._demo.announce()
        self._edge = await ask(session, f"{self._demo.local_edge_url}/status")
        self._cloud = await self._venue_row(session, announcement)
        if self._edge is not None and self._edge["link"] == "live":
            self._note = ""

    async def _venue_row(
        self, session: aiohttp.ClientSession, announcement: Announcement
    ) -> dict[str, Any] | None:
        """The venue as its owner sees it; logs in where that is needed."""
        body = await ask(session, f"{announcement.cloud}/api/venues")
        if body is None:
            login = {"email": announcement.owner.email, "password": announcement.owner.password}
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with session.post(f"{announcement.cloud}/api/login", json=login):
                    pass
            body = await ask(session, f"{announcement.cloud}/api/venues")
        rows: list[dict[str, Any]] = body["venues"] if body else []
        return next((row for row in rows if row["venue_id"] == announcement.venue_id), None)

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────

    def _picture(self, announcement: Announcement) -> Group:
        up = self._demo.internet.up
        internet = Text("connected", "green") if up else Text("cut", "bold red")
        counters = Table.grid(padding=(0, 2))
        counters.add_row("Internet", internet)
        for name, value in [*_edge_rows(self._edge), *_cloud_rows(self._cloud)]:
            counters.add_row(name, value)
        first = announcement.tables[0]
        code = Text("\n".join(qr_lines(first.url)), "white on black")
        right = Group(Align.center(code), Align.center(f"{first.name}: {first.url}"))
        body = Table.grid(expand=True, padding=(0, 2))
        body.add_row(Group(self._about(announcement), Panel(counters, title="Now")), right)
        return Group(body, Text.from_markup(f"\n {_KEYS}\n"), Text(f" {self._note}", "yellow"))

    def _about(self, announcement: Announcement) -> Panel:
        grid = Table.grid(padding=(0, 2))
        grid.add_row("Guests", announcement.tables[0].url, f"pass word: {announcement.pass_word}")
        staff, owner = announcement.staff, announcement.owner
        grid.add_row("Kitchen", f"{announcement.edge}/kitchen", f"{staff.user}, PIN {staff.pin}")
        grid.add_row("Owner", announcement.cloud, f"{owner.email}, {owner.password}")
        grid.add_row("MQTT", announcement.mqtt, "")
        grid.add_row("Control", announcement.control, "")
        return Panel(grid, title="Holdfast: a venue and its cloud")


def _edge_rows(status: dict[str, Any] | None) -> list[tuple[str, str]]:
    if status is None:
        return [("Box", "[bold red]does not answer[/]")]
    unsynced = f"{status['unsynced']} ({status['unsynced_value_minor'] / 100:.2f} {status['currency']})"
    return [
        ("Box's link to the cloud", status["link"]),
        ("Facts on the box's disk", str(status["tail_seq"])),
        ("Not yet in the cloud", unsynced),
        ("Phones", str(status["phones"])),
        ("Kitchen devices' broker", status["mqtt"]),
        ("Alarms", ", ".join(alarm["message"] for alarm in status["alarms"]) or "none"),
    ]


def _cloud_rows(row: dict[str, Any] | None) -> list[tuple[str, str]]:
    if row is None:
        return [("Cloud", "[bold red]does not answer[/]")]
    age_s = row["last_sync_age_s"]
    heard = "never" if age_s is None else f"{age_s:.0f} s ago"
    return [("The owner sees", f"{row['link']}, last heard of {heard}")]
