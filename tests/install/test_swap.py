"""A box dies in the middle of an evening, with its card, and another takes its place: *When a card dies*.

The first box sells to a table that is still open when its plug is pulled. A second card is flashed; from its
first start on everything that machines do is timed, and everything that a person does is counted. The figures
that this prints stand in docs/install.md. In the end the dead box comes back, and is told.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.core.devices.bindings import DeviceAddress
from edge.effects.devices.address_book import Entry
from edge.provision.host import Command, Host
from protocol.snapshot import NUMBERS_LEFT_OUT
from tests.install.headquarters import ADDRESS, TREE, Headquarters, headquarters
from tests.install.machine import booted, copy_root, healthy, said, until
from tests.install.test_first_boot import flash

BOOK = "/var/lib/holdfast/devices.json"
PASSWORD = "nobody-knows-it-but-the-plug"
CODE = re.compile(r"(?<![-\w])[0-9A-Z]{4}-[0-9A-Z]{4}(?![-\w])")
FETCH = """
import sys, urllib.error, urllib.request
address, pressed = "http://127.0.0.1:8080" + sys.argv[1], b"" if sys.argv[2] == "POST" else None
try:
    answer = urllib.request.urlopen(urllib.request.Request(address, pressed), timeout=10)
except urllib.error.HTTPError as error:
    answer = error
sys.stdout.buffer.write(answer.read())
"""


class Person:
    """Whoever swaps the box: everything they do is a step."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def does(self, what: str) -> None:
        self.steps.append(what)


def fetched(box: Host, path: str, method: str = "GET") -> str:
    """What the box answers to somebody before it; empty while it does not."""
    return box.run(Command(("/usr/bin/python3", "-c", FETCH, path, method), timeout_s=60)).out.decode()


def told(box: Host, path: str) -> dict[str, Any]:
    """The same where it is JSON."""
    answer: dict[str, Any] = json.loads(fetched(box, path) or "{}")
    return answer


def sells(box: Host) -> bool:
    """Whether it serves a venue that has a menu."""
    return bool(told(box, "/menu").get("items"))


def guest(box: Host, *words: str) -> dict[str, Any]:
    """Somebody at the table."""
    argv = ["nsenter", "--target", box.name, "--net", sys.executable, "-m", "tests.install.seated", *words]
    done = subprocess.run(argv, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ordered: dict[str, Any] = json.loads(done.stdout)
    return ordered


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Headquarters]:
    with headquarters(tmp_path_factory.mktemp("office")) as office:
        yield office


@pytest.fixture
def card(trixie: Path, profile_file: Path, offline_trixie: Path, tmp_path: Path) -> Path:
    """Flashed as the dead box's was, with the cloud in its profile."""
    profile = tmp_path / "box.toml"
    profile.write_text(profile_file.read_text() + f'[cloud]\nurl = "{ADDRESS}"\n')
    root = copy_root(trixie, tmp_path / "second")
    flash(root, profile, offline_trixie, tmp_path, cloud_init=True)
    return root


def test_a_dead_box_is_replaced_in_the_middle_of_an_evening(
    installed: Path, card: Path, office: Headquarters, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = copy_root(installed, tmp_path / "first")
    with booted(first, keep=True) as box, office.line(box):
        until(lambda: healthy(box), "the first box to serve")
        letters = moved_in(box, office)
        seat = guest(box, "sit-down", office.venue.tables[0].code, office.venue.pass_word)
        until(lambda: told(box, "/status").get("unsynced") == 0, "the cloud to have every fact")
        until(lambda: office.keepsakes() == 1, "the cloud to have what is sealed")
        assert office.orders() == [seat["order_id"]]

    person, began_s = Person(), time.monotonic()
    person.does("flashed a card with `image`")
    person.does("card and cable in, power on")
    with booted(card, to_the_end=False) as heir:
        until(lambda: healthy(heir), "the second box to be installed")
        up_s = time.monotonic() - began_s
        with office.line(heir):
            replaced(heir, office, person)
            until(lambda: sells(heir), "the second box to have the place")
            serving_s = time.monotonic() - began_s
            recovered(heir, letters, person)
            again = guest(heir, "go-on", seat["session_pid"], seat["token"])
            whole_s = time.monotonic() - began_s
            goes_on(office, seat, again)
            with booted(first) as ghost, office.line(ghost):
                is_fenced(ghost, seat)
            assert sells(heir)
            assert office.orders() == [again["order_id"], seat["order_id"]]
    with capsys.disabled():
        print(f"\na dead box swapped: from power on to a code {up_s:.0f} s, to serving {serving_s:.0f} s,")
        print(f"to the next order, with its devices' pass words {whole_s:.0f} s of machine time")
        print(f"a person's steps, {len(person.steps)}: {'; '.join(person.steps)}")


def moved_in(box: Host, office: Headquarters) -> str:
    """The first box gets the place, a plug's pass word and an owner's paper; the letters on that."""
    said(box, "systemctl", "stop", "holdfast-edge")
    as_box = ("runuser", "--user", "holdfast", "--", "holdfast-edge")
    said(box, *as_box, "claim", "--cloud", ADDRESS, "--code", office.venue.claim_code)
    book = {"plug-1": Entry(DeviceAddress("shelly_gen2", "http://10.0.0.9", password=PASSWORD))}
    lay = ("install", "--owner=holdfast", "--group=holdfast", "--mode=600", "/dev/stdin", BOOK)
    assert box.run(Command(lay, stdin=msgspec.json.encode(book))).status == 0
    paper = said(box, "holdfast-edge", "recovery-code")
    said(box, "systemctl", "start", "holdfast-edge")
    until(lambda: sells(box), "the first box to have its menu")
    return next(line for line in paper.splitlines() if "code of this venue" in line).rpartition(" ")[2]


def replaced(heir: Host, office: Headquarters, person: Person) -> None:
    """Its code is read off its page, and typed into the dashboard."""
    person.does("asked for the code at http://THE-BOX/")
    fetched(heir, "/pair", "POST")
    shown = until(lambda: CODE.search(fetched(heir, "/pair")), "the code")
    page = fetched(heir, "/pair")
    person.does("typed it into the dashboard and compared the fingerprint")
    seen = office.owner("POST", "pairing/look", {"code": shown[0]})
    assert seen["fingerprint"] in page
    assert (seen["name"], seen["facts"]) == ("", 0)
    person.does("chose the venue to replace its box")
    body = {"code": shown[0], "venue_id": office.venue.venue_id, "epoch": 1}
    assert office.owner("POST", "pairing", body)["replaces"]


def recovered(heir: Host, letters: str, person: Person) -> None:
    """The paper brings the pass words; asked for, as somebody at a keyboard is."""
    assert heir.run(Command(("test", "-e", BOOK))).status == 1
    person.does("`sudo holdfast-edge recover`, 25 letters")
    done = heir.run(Command(("holdfast-edge", "recover"), stdin=f"{letters}\n".encode(), timeout_s=60))
    assert done.status == 0, done.err.decode()
    person.does("`sudo systemctl restart holdfast-edge`")
    said(heir, "systemctl", "restart", "holdfast-edge")
    assert PASSWORD in said(heir, "cat", BOOK)
    assert said(heir, "stat", "--format", "%U %a", BOOK).split() == ["holdfast", "600"]
    until(lambda: sells(heir), "the second box to serve again")


def goes_on(office: Headquarters, seat: dict[str, Any], again: dict[str, Any]) -> None:
    """The same guest at the same table, with the order from before; the cloud has both.

    The dead box may have given out numbers of orders unheard, so those are left out. Tickets have no gap.
    """
    assert again["before"] == [seat["order_id"]]
    assert number(again["order_id"]) == number(seat["order_id"]) + NUMBERS_LEFT_OUT + 1
    assert number(again["ticket"]) == number(seat["ticket"]) + 1
    until(lambda: office.orders() == [again["order_id"], seat["order_id"]], "both orders in the cloud")


def number(name: str) -> int:
    """That of an order or a ticket."""
    return int(name.rpartition("-")[2])


def is_fenced(ghost: Host, seat: dict[str, Any]) -> None:
    """The dead box is not dead after all: it learns that it was replaced, and sells nothing."""
    until(lambda: told(ghost, "/status").get("link") == "replaced", "the first box to be told")
    path = f"/cart_snapshot?session_pid={seat['session_pid']}"
    assert told(ghost, path)["error"]["code"] == "box_replaced"
