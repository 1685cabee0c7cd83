"""What a demo remembers in `DIR/demo.json`, so that a second start finds everything; and the lock on DIR.

Written whole and renamed into place after every step that cannot be repeated. Passwords are random and
the file is its owner's alone. Only directories that a demo has made are ever taken away again.
"""

import fcntl
import os
import secrets
import shutil
import socket
import time
from pathlib import Path
from typing import Any

import msgspec

FILE_NAME = "demo.json"
#: Below the range from which systems take ports for outgoing connections.
_PORTS = range(20_000, 32_000)
#: Time for the children of a demo that was killed to end.
_LOCK_WITHIN_S = 20.0
_MADE = ("postgres", "edge", "broker", "agents", "kiosk", "logs")


class BadDirectory(Exception):
    """The directory cannot be a demo's; the message says why."""


class Named(msgspec.Struct, frozen=True):
    """A table: the code on its card and its name."""

    code: str
    name: str


class Person(msgspec.Struct, frozen=True):
    """Somebody who works at the venue."""

    user: str
    role: str
    pin: str


class Station(msgspec.Struct, frozen=True):
    """Something to play on; `kind` is `pc` or `console`."""

    id: str
    name: str
    kind: str


class Founded(msgspec.Struct, frozen=True):
    """The venue as `holdfast-cloud create-venue --json` made it."""

    venue_id: str
    restaurant_id: int
    name: str
    claim_code: str
    pass_word: str
    tables: tuple[Named, ...]
    staff: tuple[Person, ...]
    play_stations: tuple[Station, ...] = ()


class Record(msgspec.Struct):
    """`ports` by name, `agent_tokens` by station.

    `founded` is None until there is a venue, `ready` False until its box is claimed, `kiosk` whether there is
    a second box.
    """

    owner_email: str
    owner_password: str
    box_password: str
    kitchen_password: str
    ports: dict[str, int] = {}
    agent_tokens: dict[str, str] = {}
    founded: Founded | None = None
    ready: bool = False
    kiosk: bool = False


def new_record() -> Record:
    """A record with fresh passwords and nothing else."""
    passwords: list[Any] = [secrets.token_urlsafe(12) for _ in range(3)]
    return Record("owner@holdfast.example", *passwords)


def load(directory: Path) -> Record:
    """The directory's record; a new one where a demo never came to an end of its set-up.

    Raises `BadDirectory` for a directory that somebody else uses.
    """
    file = directory / FILE_NAME
    if not file.exists():
        if any((directory / name).exists() for name in _MADE):
            raise BadDirectory(f"{directory} is not empty and has no {FILE_NAME}; name another --data.")
        return new_record()
    try:
        record = msgspec.json.decode(file.read_bytes(), type=Record)
    except msgspec.DecodeError as error:
        raise BadDirectory(f"{file} is damaged ({error}); name another --data.") from error
    if record.ready:
        return record
    for name in _MADE:
        shutil.rmtree(directory / name, ignore_errors=True)
    return new_record()


def save(directory: Path, record: Record) -> None:
    """Write the record, whole or not at all."""
    scratch = directory / f"{FILE_NAME}.new"
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    with scratch.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(record)))
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(directory / FILE_NAME)


def lock(directory: Path, within_s: float = _LOCK_WITHIN_S) -> int:
    """Take the directory; the descriptor that holds it. Children inherit it, so a demo that was killed
    holds its directory until the last of them is gone. Raises `BadDirectory`."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        held = os.open(directory / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BadDirectory(f"{directory}: {error.strerror}") from error
    deadline = time.monotonic() + within_s
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(held)
                raise BadDirectory(f"Another demo is running in {directory}.") from None
            time.sleep(0.1)
        else:
            return held


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose_port(record: Record, name: str, host: str, wanted: int | None = None) -> int:
    """The port asked for, else the one used last time while it is free, else any; it is remembered."""
    kept = record.ports.get(name)
    if wanted:
        port = wanted
    elif kept is not None and is_free(host, kept):
        port = kept
    else:
        taken = set(record.ports.values())
        candidates = (secrets.choice(_PORTS) for _ in range(1000))
        port = next(each for each in candidates if each not in taken and is_free(host, each))
    record.ports[name] = port
    return port
