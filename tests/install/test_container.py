"""The kit's container file and compose file, built and run: two processes, a worker, Postgres, the balancer.

Only what stands beside our own image is not the official one (`tests/install/engine.py` says why); the rest
is done as docs/operations.md has it, from empty volumes to an export that the worker wrote and both processes
hand out. What each test asks holds of a cloud that has just come up; the last one stops a part of it.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.install.engine import BASE, Engine
from tests.install.machine import need_root, until

OWNER, PASSWORD = "owner@harbour.example", "a pass word for a rehearsal"
IMAGE = "localhost/holdfast-cloud"
#: On a machine that does other things, too; the images take two minutes on one that does not.
pytestmark = pytest.mark.timeout(1800)
#: What ours may add to its base. Measured: 505 MB, of which 170 are Arrow, 31 Stripe's library, 30 fonts.
MOST_ADDED_BYTES = 560_000_000
PROCESSES = ("kit_cloud_1", "kit_cloud_2")
OURS = (*PROCESSES, "kit_worker_1")


@pytest.fixture(scope="module")
def engine(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A store in which every image is that the kit names."""
    need_root()
    engine = Engine(tmp_path_factory.mktemp("engine"))
    try:
        engine.make_base(fresh)
        with ThreadPoolExecutor() as pool:
            for made in [pool.submit(engine.make_ours), pool.submit(engine.make_others)]:
                made.result()
        yield engine
    finally:
        engine.close()


class Town:
    """The compose file, up: what the world reaches of it, and its containers."""

    def __init__(self, engine: Engine, url: str) -> None:
        self.engine, self.url = engine, url

    def inside(self, container: str, *words: str) -> str:
        return self.engine("exec", container, *words)

    def ready(self) -> bool:
        """Whether somebody answers who works, and Postgres, too."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    @contextlib.contextmanager
    def owner(self) -> Iterator[httpx.Client]:
        """The owner, who has signed in at the dashboard."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            entered = client.post("/api/login", json={"email": OWNER, "password": PASSWORD})
            assert entered.status_code == 200, entered.text
            client.headers["X-CSRF-Token"] = entered.json()["csrf"]
            yield client


@pytest.fixture(scope="module")
def town(engine: Engine) -> Town:
    """Up, with an owner and a venue that were made as an administrator makes them."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"POSTGRES_PASSWORD": "harbour", "PORT": str(port)}
    # By name: Debian's podman-compose knows nothing of profiles and would start Prometheus, too.
    engine.compose("up", "--detach", "--no-build", "cloud", "worker", "balancer", **settings)
    town = Town(engine, f"http://127.0.0.1:{port}")
    until(town.ready, "the balancer to find a process that is ready")
    town.inside("kit_cloud_1", "holdfast-cloud", "create-owner", "--email", OWNER, "--password", PASSWORD)
    town.inside("kit_cloud_1", "holdfast-cloud", "create-venue", "--owner", OWNER, "--name", "Harbour")
    return town


def test_the_image_holds_the_program_and_little_else(engine: Engine) -> None:
    said = engine.inspected(IMAGE)
    config = said["Config"]
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == (
        "10001:10001",
        ["holdfast-cloud"],
        ["run"],
    )
    assert config["StopSignal"] in ("SIGTERM", "15")
    added = said["Size"] - engine.inspected(BASE)["Size"]
    print(f"the image adds {added / 1e6:.0f} MB to its base")
    assert added < MOST_ADDED_BYTES
    locked = ("--rm", "--network", "none", "--read-only", "--cap-drop", "all", "--entrypoint", "sh")
    # Neither this machine's tools nor what people write beside the tree came along.
    files = engine(
        "run", *locked, IMAGE, "-c", "ls /src /wheels /tools 2>&1; find /opt /var/lib/holdfast -name .env"
    )
    assert files.count("No such file") == 3, files
    assert ".env" not in files
    holdfast = engine("run", *locked, IMAGE, "-c", "holdfast-cloud spread-sql --help && id")
    assert "uid=10001(holdfast) gid=10001(holdfast) groups=10001(holdfast)" in holdfast


@pytest.mark.parametrize("container", OURS)
def test_a_process_is_locked_in(town: Town, container: str) -> None:
    told = town.inside(
        container, "sh", "-c", "cat /proc/1/status; touch /opt/x /x 2>&1; touch /tmp/x && id -u"
    )
    for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Uid:\t10001"):
        assert line in told, line
    assert told.count("Read-only file system") == 2
    assert told.endswith("10001\n")
    until(lambda: town.engine.well(container), f"{container} to say that it is well")


def test_the_owner_page_comes_through_the_balancer(town: Town) -> None:
    with town.owner() as owner:
        page = owner.get("/")
        assert page.status_code == 200
        assert "<title>Your venues" in page.text
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert [each["name"] for each in owner.get("/api/venues").json()["venues"]] == ["Harbour"]
        for hidden in ("/metrics", "/readyz", "/livez", "/status"):
            assert owner.get(hidden).status_code == 403, hidden


def test_what_the_worker_wrote_every_process_hands_out(town: Town) -> None:
    with town.owner() as owner:
        venue = owner.get("/api/venues").json()["venues"][0]["venue_id"]
        asked = {"what": "orders", "format": "csv", "first": "2026-03-01", "last": "2026-03-02"}
        made = owner.post("/api/exports", json={**asked, "venue_ids": [venue]})
        assert made.status_code == 201, made.text
        path = f"/api/exports/{made.json()['export_id']}"
        until(lambda: owner.get(path).json()["state"] == "completed", "the worker to write the export")
        # Each by itself, from where the balancer asks.
        for process in PROCESSES:
            fetch = (
                "import sys, urllib.request as r; "
                f"q = r.Request('http://127.0.0.1:8081{path}/file', headers={{'Cookie': sys.argv[1]}}); "
                "print(r.urlopen(q, timeout=60).read().decode())"
            )
            cookies = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
            assert "order_id" in town.inside(process, "python3", "-c", fetch, cookies), process


def test_the_schema_is_whole_and_the_log_is_archived(town: Town) -> None:
    town.inside("kit_cloud_1", "holdfast-cloud", "migrate")
    town.inside("kit_worker_1", "holdfast-cloud", "doctor", "--quick")
    ask = (
        "psql",
        "--username",
        "holdfast",
        "--dbname",
        "holdfast",
        "--tuples-only",
        "--no-align",
        "--command",
    )
    town.inside("kit_postgres_1", *ask, "CHECKPOINT; SELECT pg_switch_wal()")
    archived = "SELECT archived_count > 0 AND last_failed_time IS NULL FROM pg_stat_archiver"
    until(lambda: "t" in town.inside("kit_postgres_1", *ask, archived), "the log to be archived")
    assert "0000000100000000" in town.inside("kit_postgres_1", "ls", "/archive")


def test_a_process_that_is_stopped_is_missed_by_nobody(town: Town) -> None:
    """The last of this file: one of both is stopped while an owner goes on asking."""
    answers: list[int] = []
    stopped = threading.Event()
    with town.owner() as owner, ThreadPoolExecutor() as pool:

        def go_on() -> None:
            while not stopped.is_set():
                answers.append(owner.get("/api/venues").status_code)

        asking = pool.submit(go_on)
        try:
            town.engine("stop", "--time", "120", PROCESSES[0])
        finally:
            stopped.set()
        asking.result()
    assert len(answers) > 3
    assert set(answers) == {200}
    state = town.engine.inspected(PROCESSES[0])["State"]
    assert (state["ExitCode"], state["Status"]) == (0, "exited")
