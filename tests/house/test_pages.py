"""What is built for the browser: small, self-contained, and nothing in it that a strict policy would stop."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EDGE, CLOUD = ROOT / "edge/web/static", ROOT / "cloud/owners/static"
PAGES = [
    *(EDGE / "guest.html", EDGE / "kitchen.html", EDGE / "staff.html", EDGE / "shop.html"),
    *(CLOUD / "index.html", CLOUD / "shop.html", CLOUD / "table.html"),
]
#: measures.md, M6.
MOST_JS_BYTES = 60_000

_SCRIPT = re.compile(r"<script[^>]*>(.*?)</script>", re.DOTALL)
_REFERENCE = re.compile(r"""(?:src|href)="([^"]*)\"""")
_ELSEWHERE = re.compile(r"""(?:url\(|@import |fetch\(|from )["']?(?:https?:)?//""")


def references(page: Path) -> list[str]:
    """Addresses that the page names, in order."""
    return _REFERENCE.findall(page.read_text("utf-8"))


def scripts(page: Path) -> list[Path]:
    """The page's scripts, those it preloads included."""
    return [page.parent / name.lstrip("/") for name in references(page) if name.endswith(".js")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_scripts_are_small_enough_for_a_slow_phone(page: Path) -> None:
    compressed = [len(gzip.compress(script.read_bytes(), 9)) for script in scripts(page)]
    assert 0 < sum(compressed) <= MOST_JS_BYTES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_is_inline(page: Path) -> None:
    html = page.read_text("utf-8")
    assert [body for body in _SCRIPT.findall(html) if body.strip()] == []
    assert "<style" not in html
    assert re.search(r"\s(style|on\w+)=", html) is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_everything_comes_from_the_origin_itself(page: Path) -> None:
    assert all(name.startswith("/") and not name.startswith("//") for name in references(page))
    assets = [path for path in page.parent.rglob("*") if path.suffix in {".js", ".css"}]
    assert assets
    assert [path.name for path in assets if _ELSEWHERE.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_has_its_compressed_twin(page: Path) -> None:
    for path in [page, *scripts(page)]:
        assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()
