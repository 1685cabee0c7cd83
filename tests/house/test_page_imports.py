"""The pages' modules lie in layers, too: none imports what imports it, not even for a type.

`lint-imports` holds the Python to that; TypeScript has no such keeper here, so this test is one.
Counterpart: the contracts in `pyproject.toml`.
"""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("edge/pages", "cloud/pages", "protocol/pages", "protocol/schema/typescript")
_FROM = re.compile(r'^(?:import|export)\b[^;"]*?\bfrom "(\.[^"]+)"', re.MULTILINE)


def _sources() -> dict[Path, str]:
    found = (
        path for room in ROOMS for path in (ROOT / room).rglob("*.ts*") if "node_modules" not in path.parts
    )
    return {path.resolve(): path.read_text() for path in found if path.suffix in {".ts", ".tsx"}}


def _imports(sources: dict[Path, str]) -> dict[Path, set[Path]]:
    """What each module takes from which other one of these."""
    graph: dict[Path, set[Path]] = {}
    for path, text in sources.items():
        named = ((path.parent / name).resolve() for name in _FROM.findall(text))
        places = (Path(f"{base}{suffix}") for base in named for suffix in (".ts", ".tsx", "/index.ts"))
        graph[path] = {place for place in places if place in sources}
    return graph


def _circle(sources: dict[Path, str]) -> list[Path]:
    try:
        TopologicalSorter(_imports(sources)).prepare()
    except CycleError as error:
        circle: list[Path] = error.args[1]
        return circle
    return []


def test_no_module_of_the_pages_imports_what_imports_it() -> None:
    sources = _sources()
    assert sum(map(len, _imports(sources).values())) > len(sources), "the imports were not found"
    assert [str(path.relative_to(ROOT)) for path in _circle(sources)] == []


@pytest.mark.parametrize(
    "words", ['import { b } from "./b";', 'import type {\n  B,\n} from "./b";', 'export * from "./b";']
)
def test_a_circle_is_found(tmp_path: Path, words: str) -> None:
    sources = {tmp_path / "a.ts": words, tmp_path / "b.tsx": 'import { a } from "./a";'}
    assert set(_circle(sources)) == set(sources)
