"""The shelf of dishes' pictures: whole files only, gone on with where they were cut, never too many."""

import hashlib
from pathlib import Path

import pytest

from edge.journal import dishes
from edge.journal.dishes import MOST_BYTES, DishShelf, NotThePicture

BODY = bytes(range(256)) * 40
BLOB = hashlib.sha256(BODY).hexdigest()
OTHER = "0" * 64


def test_a_file_goes_on_where_it_was_cut_also_after_a_restart(tmp_path: Path) -> None:
    shelf = DishShelf(tmp_path / "dishes")
    shelf.add(BLOB, 0, BODY[:3_000])
    assert shelf.find(BLOB) is None
    shelf = DishShelf(tmp_path / "dishes")
    assert (shelf.begun(BLOB), shelf.lacks([BLOB])) == (3_000, [BLOB])
    shelf.add(BLOB, 3_000, BODY[3_000:])
    shelf.finish(BLOB)
    path = shelf.find(BLOB)
    assert path is not None
    assert path.read_bytes() == BODY
    assert (shelf.begun(BLOB), shelf.lacks([BLOB])) == (0, [])
    assert DishShelf(tmp_path / "dishes").find(BLOB) == path


def test_bytes_of_another_name_are_dropped(tmp_path: Path) -> None:
    shelf = DishShelf(tmp_path / "dishes")
    shelf.add(OTHER, 0, BODY)
    with pytest.raises(NotThePicture):
        shelf.finish(OTHER)
    assert (shelf.find(OTHER), shelf.begun(OTHER)) == (None, 0)


def test_a_file_that_does_not_end_is_dropped(tmp_path: Path) -> None:
    shelf = DishShelf(tmp_path / "dishes")
    shelf.add(OTHER, 0, bytes(MOST_BYTES))
    with pytest.raises(NotThePicture):
        shelf.add(OTHER, MOST_BYTES, b"more")
    assert shelf.begun(OTHER) == 0


def test_what_no_menu_names_goes_and_a_full_shelf_wants_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = DishShelf(tmp_path / "dishes")
    shelf.add(BLOB, 0, BODY)
    shelf.finish(BLOB)
    shelf.add(OTHER, 0, b"half")
    monkeypatch.setattr(dishes, "MOST_ALL_BYTES", MOST_BYTES + len(BODY))
    assert shelf.lacks([OTHER]) == []
    shelf.keep_only([])
    assert list((tmp_path / "dishes").iterdir()) == []
    assert (shelf.find(BLOB), shelf.lacks([BLOB, OTHER])) == (None, [BLOB, OTHER])
