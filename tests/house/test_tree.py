"""Where things stand and what they are called: a newcomer sees the architecture by listing the folders."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("edge", "cloud", "protocol", "firmware_profiles")
GENERATED = {"static", "node_modules", "__pycache__"}

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "base", "data"}
LONGEST_FILE = 400
#: Modules of one folder. Steps of a schema are a list, not a room.
MOST_MODULES = 45
LISTS = {"versions"}
LOOSE_ENDS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|NotImplemented" r"Error)\b|pragma: no cover")
SKIPPED = re.compile(r"pytest\.(mark\.)?(skip|xfail)|importor" r"skip")
SLEEPING = re.compile(r"asyncio\.sleep\((0?\.[5-9]|[1-9])|time\.sl" r"eep\(")


def sources(*rooms: str) -> list[Path]:
    """Everything somebody wrote in these rooms, as paths from the top."""
    found = (path for room in rooms for path in (ROOT / room).rglob("*"))
    written = (path.relative_to(ROOT) for path in found if path.suffix in {".py", ".ts", ".tsx"})
    return sorted(path for path in written if not GENERATED & set(path.parts))


def offences(pattern: re.Pattern[str], *rooms: str) -> list[str]:
    """Lines that the pattern finds, as `path:line`."""
    return [
        f"{path}:{number}"
        for path in sources(*rooms)
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_there_is_no_other_package_at_the_top() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - {"tests"} == set(ROOMS)


def test_every_module_has_a_name_that_says_something() -> None:
    assert [path for path in sources(*ROOMS, "tests") if path.stem in SAYS_NOTHING] == []


def test_no_folder_is_crowded() -> None:
    modules = Counter(path.parent for path in sources(*ROOMS) if path.parent.name not in LISTS)
    assert {str(folder): count for folder, count in modules.items() if count > MOST_MODULES} == {}


def test_no_room_is_crowded() -> None:
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in sources(*ROOMS, "tests")}
    crowded = {str(path): lines for path, lines in lengths.items() if lines > LONGEST_FILE}
    assert crowded == {}


@pytest.mark.parametrize(
    ("pattern", "rooms"),
    [(LOOSE_ENDS, ROOMS), (SKIPPED, ("tests",)), (SLEEPING, ("tests/unit", "tests/integration"))],
    ids=["loose ends", "skipped tests", "sleeping tests"],
)
def test_nothing_is_left_lying_about(pattern: re.Pattern[str], rooms: tuple[str, ...]) -> None:
    assert offences(pattern, *rooms) == []
