"""The typefaces that designs are set in, each from a package of open fonts.

Source Sans Pro and Source Serif Pro (Adobe), Amatic SC (Vernon Adams) and Fredoka One (Milena Brandao):
Latin, Greek and Cyrillic. Noto Sans Arabic, Noto Sans Hebrew and Noto Sans CJK (Google, Adobe) are for those
scripts, where their packages are installed: always in the cloud, on a box with the extra `scripts`. All are
under the SIL Open Font License 1.1, which lets them be bundled, embedded and printed. So is Noto Emoji
(Google), whose hearts and cakes stand within a text of any other face; `hatch_build.py` lays it out.

A file is read when somebody first needs a letter of it, because the one for CJK has sixteen megabytes.
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from protocol.design.parameters import FACES, OTHER_FACES
from protocol.design.typeface import SELECTORS, Typeface, lent, parse

_FILES = {
    "sans": ("font_source_sans_pro", "files/SourceSansPro-Semibold.ttf"),
    "serif": ("font_source_serif_pro", "files/SourceSerifPro-Semibold.ttf"),
    "hand": ("font_amatic_sc", "files/AmaticSC-Bold.ttf"),
    "round": ("font_fredoka_one", "files/FredokaOne-Regular.ttf"),
    "arabic": ("justmytype_intl_rtl", "fonts/ofl/notosansarabic/NotoSansArabic[wdth,wght].ttf"),
    "hebrew": ("justmytype_intl_rtl", "fonts/ofl/notosanshebrew/NotoSansHebrew[wdth,wght].ttf"),
    "cjk": ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
}


#: What lends its letters to every other face.
EMOJI = "emoji"
#: The red heart is hatched in Noto Emoji, as heralds draw red; in an ink of one's choice it is solid.
_HEART = ("\u2764", "\u2665")
_LAID_OUT = Path(__file__).parent / "static/NotoEmoji-Bold.ttf"


class FontMissing(RuntimeError):
    """A package of fonts is not installed."""


@functools.cache
def file_of(name: str) -> Path:
    """The font file of a face. Raises `FontMissing`."""
    if name == EMOJI:
        return _laid_out()
    package, file = _FILES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FontMissing(f"{package} is not installed")
    return Path(spec.origin).parent / file


def _laid_out() -> Path:
    if not _LAID_OUT.is_file():
        raise FontMissing("Noto Emoji is not laid out; run `make pages`")
    return _LAID_OUT


def for_pages(name: str) -> Path | None:
    """The file of a face that pages draw with; None for any other name."""
    if name == EMOJI:
        return _LAID_OUT if _LAID_OUT.is_file() else None
    return file_of(name) if name in FACES else None


def installed() -> tuple[str, ...]:
    """The faces that are here, the ones that guests choose first."""
    return (*FACES, *(name for name in OTHER_FACES if find_spec(_FILES[name][0]) is not None))


@functools.cache
def _parsed(name: str) -> Typeface:
    return parse(name, file_of(name).read_bytes())


@functools.cache
def _with_emoji(name: str) -> Typeface:
    face = _parsed(name)
    return lent(face, _parsed(EMOJI)) if _LAID_OUT.is_file() else face


class _Faces(Mapping[str, Typeface]):
    """Faces by name, each read when it is first asked for."""

    def __init__(self, names: tuple[str, ...], read: Callable[[str], Typeface]) -> None:
        self._names = names
        self._read = read

    def __getitem__(self, name: str) -> Typeface:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@functools.cache
def typefaces() -> Mapping[str, Typeface]:
    """What layouts have to know of every face that is installed, with the emoji that stand within it."""
    return _Faces(installed(), _with_emoji)


@functools.cache
def files() -> Mapping[str, Typeface]:
    """Every face by what its own file has, the one of emoji last."""
    return _Faces((*installed(), *([EMOJI] if _LAID_OUT.is_file() else [])), _parsed)


def stretches(name: str, text: str) -> list[tuple[str, str]]:
    """A text in a face, as stretches of one file each; what only chooses a form is left out."""
    own = _parsed(name)
    found: list[tuple[str, str]] = []
    for letter in text.replace(*_HEART):
        if letter in SELECTORS:
            continue
        file = name if own.has(letter) else EMOJI
        if found and found[-1][0] == file:
            found[-1] = (file, found[-1][1] + letter)
        else:
            found.append((file, letter))
    return found
