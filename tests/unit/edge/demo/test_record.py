"""What a demo remembers of its directory, and whose directory it is."""

import os
import socket
import stat
from pathlib import Path

import pytest

from edge.demo.record import (
    BadDirectory,
    Founded,
    Named,
    Person,
    choose_port,
    is_free,
    load,
    lock,
    new_record,
    save,
)

HOST = "127.0.0.1"
FOUNDED = Founded(
    "V", 7, "Pier", "CODE", "coffee", (Named("T1CODE", "T1"),), (Person("ana", "manager", "1"),)
)


def test_a_finished_record_is_found_again_and_is_private(tmp_path: Path) -> None:
    record = new_record()
    record.founded, record.ready = FOUNDED, True
    record.ports["edge"] = 20_001
    save(tmp_path, record)

    assert load(tmp_path) == record
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600


def test_an_unfinished_set_up_is_thrown_away_whole(tmp_path: Path) -> None:
    record = new_record()
    record.founded = FOUNDED
    save(tmp_path, record)
    for name in ("postgres", "edge", "holiday pictures"):
        (tmp_path / name).mkdir()

    found = load(tmp_path)
    assert (found.founded, found.ready) == (None, False)
    assert found.owner_password != record.owner_password
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.json", "holiday pictures"]


def test_what_somebody_else_made_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(BadDirectory, match="not empty"):
        load(tmp_path)
    assert (tmp_path / "postgres").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"ready":1}'])
def test_a_damaged_record_is_said_to_be_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "demo.json").write_bytes(content)
    with pytest.raises(BadDirectory, match="damaged"):
        load(tmp_path)


def test_one_demo_a_directory(tmp_path: Path) -> None:
    held = lock(tmp_path / "venue")
    with pytest.raises(BadDirectory, match="Another demo"):
        lock(tmp_path / "venue", within_s=0.0)
    os.close(held)
    os.close(lock(tmp_path / "venue", within_s=0.0))


def test_a_directory_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadDirectory, match="file"):
        lock(tmp_path / "file/venue")


class TestPorts:
    def test_a_free_port_is_kept(self) -> None:
        record = new_record()
        port = choose_port(record, "edge", HOST)
        assert is_free(HOST, port)
        assert choose_port(record, "edge", HOST) == record.ports["edge"] == port

    def test_a_taken_port_is_replaced(self) -> None:
        record = new_record()
        with socket.create_server((HOST, 0)) as server:
            taken = record.ports["edge"] = server.getsockname()[1]
            assert not is_free(HOST, taken)
            assert choose_port(record, "edge", HOST) != taken

    def test_a_wish_is_a_command(self) -> None:
        record = new_record()
        choose_port(record, "edge", HOST)
        assert choose_port(record, "edge", HOST, wanted=8123) == record.ports["edge"] == 8123

    def test_no_two_names_share_one(self) -> None:
        record = new_record()
        assert len({choose_port(record, str(number), HOST) for number in range(50)}) == 50
