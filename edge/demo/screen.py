"""The demo for people: addresses, logins, a table's QR code, live counters, and keys to make trouble with.

Rule of the file: it looks and presses; what happens is the venue's. Addresses are printed once, so that
they can be copied and stay when the demo has ended; only the counters below them move. Without a terminal
it prints the addresses and waits.
"""

import asyncio
import contextlib
import os
import sys
import termios
import tty
from collections.abc import Iterator
from typing import Any

import aiohttp
import segno
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.demo import kiosk
from edge.demo.addresses import ask
from edge.demo.announcement import Announcement
from edge.demo.venue import Demo

_LOOK_EVERY_S = 0.5
_KEYS = "[b]i[/b] cut or restore the internet   [b]k[/b] kill the box   [b]n[/b] a new box   [b]q[/b] quit"
#: Two rows of modules in one line of text: upper and lower half of a character.
_HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}

Json = dict[str, Any]


def qr_lines(content: str) -> list[str]:
    """A QR code as lines of text, light on dark as terminals are, four modules of quiet zone around it."""
    rows = [[bool(module) for module in row] for row in segno.make(content, error="m").matrix_iter(border=4)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_HALVES[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs]


def addresses(said: Announcement) -> Group:
    """What a visitor needs to begin with."""
    grid = Table.grid(padding=(0, 2))
    grid.add_row("Guests", said.tables[0].url)
    grid.add_row("", f"pass word: {said.pass_word}")
    grid.add_row("Staff", f"{said.edge}/staff")
    grid.add_row("Kitchen", f"{said.edge}/kitchen")
    grid.add_row("", f"{said.staff.user}, PIN {said.staff.pin}")
    grid.add_row("Owner", said.cloud)
    grid.add_row("", f"{said.owner.email}, {said.owner.password}")
    grid.add_row("Control", said.control)
    code = Text("\n".join(qr_lines(said.tables[0].url)), "white on black", no_wrap=True)
    mqtt = Text.assemble("Kitchen devices  ", said.mqtt)
    return Group(Panel(grid, title="Holdfast: a venue and its cloud", expand=False), mqtt, code)


def new_box(url: str) -> Panel:
    """A box that belongs to nobody: it sells already, and what to click to pair it."""
    grid = Table.grid(padding=(0, 2))
    grid.add_row("Staff", f"{url}/staff")
    grid.add_row("", f"{kiosk.USER}, PIN {kiosk.PIN}; More, Pair with the cloud, Show a code")
    grid.add_row("Owner", "Pair a box: type the code, compare the fingerprint, Pair this box")
    return Panel(grid, title="A new box: it sells by itself and belongs to nobody", expand=False)


def counters(internet_up: bool, box: Json | None, owner: Json | None, note: str) -> Group:
    """What moves: the box as it sees itself, and as its owner sees it. None stands for no answer."""
    grid = Table.grid(padding=(0, 2))
    grid.add_row("Internet", "[green]connected[/]" if internet_up else "[bold red]cut[/]")
    for name, value in [*_box_rows(box), *_owner_rows(owner)]:
        grid.add_row(name, value)
    return Group(Panel(grid, expand=False), Text.from_markup(_KEYS), Text(note, "yellow"))


def _money(minor: int, currency: str) -> str:
    return f"{minor / 100:.2f} {currency}"


def _box_rows(status: Json | None) -> list[tuple[str, str]]:
    if status is None:
        return [("Box", "[bold red]does not answer[/]")]
    value = _money(status["unsynced_value_minor"], status["currency"])
    return [
        ("Link to the cloud", status["link"]),
        ("Facts on the box's disk", str(status["tail_seq"])),
        ("Not yet in the cloud", f"{status['unsynced']} facts, orders for {value}"),
        ("Phones", str(status["phones"])),
        ("Kitchen's broker", status["mqtt"]),
        ("Alarms", _alarms([alarm["message"] for alarm in status["alarms"]])),
    ]


def _alarms(messages: list[str]) -> str:
    """The oldest in words, and how many more; the screen must not grow."""
    if not messages:
        return "none"
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return f"[bold red]{escape(messages[0])}[/]{more}"


def _owner_rows(row: Json | None) -> list[tuple[str, str]]:
    if row is None:
        return [("Cloud", "[bold red]does not answer[/]")]
    revenue = _money(row["revenue_today_minor"], row["currency"])
    return [("The owner sees", f"{row['link']}, {row['orders_today']} orders today for {revenue}")]


class Screen:
    """Shows one demo until somebody presses q."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._quit = asyncio.Event()
        self._note = ""
        self._kiosk_wanted = False

    async def show(self) -> None:
        """Until q, or for ever where there is no keyboard."""
        console = Console(highlight=False)
        console.print(addresses(self._demo.announce()))
        if not (sys.stdin.isatty() and console.is_terminal):
            await self._quit.wait()
            return
        session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=1.0),
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # cookies of bare addresses too
        )
        async with session:
            with self._keyboard(), Live(console=console, auto_refresh=False) as live:
                while not self._quit.is_set():
                    if self._kiosk_wanted:
                        await self._show_kiosk(console)
                    live.update(await self._look(session), refresh=True)
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_EVERY_S):
                            await self._quit.wait()

    @contextlib.contextmanager
    def _keyboard(self) -> Iterator[None]:
        """Keys one by one and unseen; the terminal is given back as it was."""
        terminal, loop = sys.stdin.fileno(), asyncio.get_running_loop()
        before = termios.tcgetattr(terminal)
        tty.setcbreak(terminal)
        loop.add_reader(terminal, lambda: self._press(os.read(terminal, 64)))
        try:
            yield
        finally:
            loop.remove_reader(terminal)
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)

    def _press(self, keys: bytes) -> None:
        internet = self._demo.internet
        for key in keys.decode("ascii", "replace"):
            if key == "i" and internet.up:
                internet.cut()
                self._note = "No internet. Order something: the venue goes on."
            elif key == "i":
                internet.heal()
                self._note = "Internet again. The cloud catches up."
            elif key == "k":
                self._demo.kill("edge")
                self._note = "The box was killed, and starts again."
            elif key == "n":
                self._kiosk_wanted = True
                self._note = "A second box is being set up."
            elif key == "q":
                self._quit.set()

    async def _show_kiosk(self, console: Console) -> None:
        """Where the box is that nobody has paired yet, and what to do with it; once."""
        self._kiosk_wanted = False
        console.print(new_box(await self._demo.open_kiosk()))
        self._note = "Read the code there, type it on the owner's page under Pair a box."

    async def _look(self, session: aiohttp.ClientSession) -> Group:
        box = await ask(session, f"{self._demo.local_edge_url}/status")
        owner = await self._venue_row(session)
        return counters(self._demo.internet.up, box, owner, self._note)

    async def _venue_row(self, session: aiohttp.ClientSession) -> Json | None:
        """The venue as its owner sees it; logs in where that is needed."""
        said = self._demo.announce()
        body = await ask(session, f"{said.cloud}/api/venues")
        if body is None:
            login = {"email": said.owner.email, "password": said.owner.password}
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with session.post(f"{said.cloud}/api/login", json=login):
                    pass
            body = await ask(session, f"{said.cloud}/api/venues")
        rows: list[Json] = body["venues"] if body else []
        return next((row for row in rows if row["venue_id"] == said.venue_id), None)
