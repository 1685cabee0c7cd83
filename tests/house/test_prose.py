"""What prose points at is there: a path in a docstring, a comment or a page of the docs leads to a file."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("edge", "cloud", "protocol", "firmware_profiles", "tests", "docs", ".ci")
GENERATED = {"static", "node_modules", "__pycache__"}
WRITTEN = {".py", ".ts", ".tsx", ".sql", ".md", ".toml", ".css"}

_NAMED = re.compile(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|ts|tsx|sql|md|css|toml))`")
GONE = "/".join(["edge", "gone.py"])
#: Prose may leave out the rooms around it, as long as what is left is a path.
_MOST_LEFT_OUT = 5


def _files() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*")] + list(ROOT.glob("*"))
    files = (path.relative_to(ROOT) for path in found if path.suffix in WRITTEN)
    return sorted(path for path in files if not GENERATED & set(path.parts))


def _endings(files: list[Path]) -> set[str]:
    """The paths by which each file may be named."""
    return {"/".join(path.parts[left_out:]) for path in files for left_out in range(_MOST_LEFT_OUT)}


def _lost(text: str, endings: set[str]) -> list[str]:
    return [name for name in _NAMED.findall(text) if name not in endings]


def test_every_path_that_prose_names_leads_somewhere() -> None:
    files = _files()
    endings = _endings(files)
    texts = {path: (ROOT / path).read_text("utf-8") for path in files}
    assert sum(len(_NAMED.findall(text)) for text in texts.values()) > 100, "the paths were not found"
    assert {str(path): lost for path, text in texts.items() if (lost := _lost(text, endings))} == {}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("see `edge/wiring/app.py`", []),
        ("see `web/router.py`", []),
        (f"see `{GONE}`", [GONE]),
        ("`edge/wiring/app.py:30`", []),
    ],
)
def test_a_path_that_leads_nowhere_is_found(text: str, lost: list[str]) -> None:
    assert _lost(text, _endings([Path("edge/wiring/app.py"), Path("edge/web/router.py")])) == lost


def test_every_room_is_on_the_map() -> None:
    """Each folder of a package is named in ARCHITECTURE.md."""
    told = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    houses = ("edge", "cloud", "protocol")
    rooms = [
        path.relative_to(ROOT).as_posix()
        for house in houses
        for path in (ROOT / house).iterdir()
        if path.is_dir() and path.name not in GENERATED
    ]
    assert len(rooms) > 20, "the rooms were not found"
    assert [room for room in rooms if f"{room}/" not in told] == []
