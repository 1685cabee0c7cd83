"""Who reaches what: the firewall that is laid down, in a network of its own with a guest, a device, an admin
and a stranger at its ends; and the box's clock, asked from a device's network while there is no internet.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.provision.layout import layout
from edge.provision.profile import parse
from edge.provision.steps import File
from tests.install.machine import need_root

PROFILE = parse(
    b"""
name = "Bar"
version = "0.2.0"
[board]
kind = "x86-64"
[network]
guests = ["192.168.20.0/24"]
devices = ["192.168.30.0/24"]
admins = ["192.168.1.0/24"]
"""
)
PAGES = ["tcp 443", "tcp 80", "tcp 8080", "tcp 8443"]
REACHED = {
    "192.168.20": PAGES,
    "192.168.30": ["tcp 1883", *PAGES, "udp 123"],
    "192.168.1": ["tcp 22"],
    "192.168.99": [],
}
ROOM = Path(__file__).with_name("room.py")


def rules() -> str:
    """The firewall of a box whose networks are named."""
    laid = (step for step in layout(PROFILE) if isinstance(step, File) and step.path == "/etc/nftables.conf")
    return next(laid).content.decode()


@pytest.fixture(scope="module")
def reached() -> dict[str, list[str]]:
    """What each end of the room reaches."""
    need_root()
    ask = json.dumps({"rules": rules(), "ends": list(REACHED)})
    argv = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", sys.executable, str(ROOM)]
    done = subprocess.run(argv, input=ask, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("end", REACHED)
def test_everybody_reaches_what_they_need_and_nothing_else(reached: dict[str, list[str]], end: str) -> None:
    assert reached[end] == sorted(REACHED[end])


def test_the_box_tells_its_network_the_time_without_any_internet(installed: Path) -> None:
    """NTP as in RFC 5905: a server answers with mode 4, and with stratum 10 while it has nobody to ask."""
    script = """
ip link set lo up; ip address add 192.168.30.1/24 dev lo; ip address add 198.51.100.7/24 dev lo
chronyd -x -f /etc/chrony/chrony.conf
exec python3 - <<'ASK'
import json, socket, time
def ask(source):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((source, 0)); line.settimeout(0.5); line.connect((source, 123))
        try:
            line.send(bytes([0x23]) + bytes(39) + b"question"); answer = line.recv(64)
        except OSError:
            return None
    return [answer[0] & 7, answer[1]]
until = time.monotonic() + 60
while (told := ask("192.168.30.1")) is None and time.monotonic() < until:
    pass
print(json.dumps([told, ask("198.51.100.7")]))
ASK
"""
    inside = [
        "unshare",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "chroot",
        str(installed),
        "sh",
        "-euc",
        script,
    ]
    done = subprocess.run(inside, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [[4, 10], None]
