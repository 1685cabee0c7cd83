"""A disk that cannot be written or read: told in the box's own words, on every address, until it is well."""

from pathlib import Path

import httpx
import pytest

from tests.full_disk import full_disk
from tests.integration.web.served import ServedBox, get


def code(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return response.status_code, str(response.json()["error"]["code"])


def test_a_full_disk_is_told_and_forgotten_once_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.journal.writer.RETRY_S", 0.01)
    with ServedBox(tmp_path) as box:
        guest = box.seated()
        before = box.facts()
        with full_disk():
            joining = box.post("/session/join", {"table": "TABLE2", "name": "Bela"})
            assert code(joining) == (503, "storage_failed")
            assert code(get(box.url + "/healthz")) == (503, "storage_failed")
            assert get(box.url + "/status").json()["storage"] == "disk I/O error"
            menu = get(box.url + "/menu")
            assert menu.status_code == 200
            path = f"{box.url}/cart_snapshot?session_pid={guest['session_pid']}"
            seen = get(path, headers={"Authorization": f"Bearer {guest['ws_token']}"})
            assert seen.status_code == 200
            assert box.facts() == before
        assert box.post("/session/join", {"table": "TABLE2", "name": "Bela"}).status_code == 200
        assert get(box.url + "/healthz").status_code == 200
        assert box.facts() == before + 2


def test_a_disk_that_cannot_be_read_is_not_the_guests_fault(tmp_path: Path) -> None:
    with ServedBox(tmp_path) as box:
        guest = box.seated()
        box.app.reader.close()
        bearer = {"Authorization": f"Bearer {guest['ws_token']}"}
        asked = get(box.url + "/cart_snapshot?session_pid=not-in-memory", headers=bearer)
        assert code(asked) == (503, "storage_failed")
