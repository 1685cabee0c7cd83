"""The typefaces that designs are set in, each from a package of open fonts.

Source Sans Pro and Source Serif Pro (Adobe), Amatic SC (Vernon Adams) and Fredoka One (Milena Brandao):
Latin, Greek and Cyrillic. Noto Sans Arabic, Noto Sans Hebrew and Noto Sans CJK (Google, Adobe) are for those
scripts, where their packages are installed: always in the cloud, on a box with the extra `scripts`. All are
under the SIL Open Font License 1.1, which lets them be bundled, embedded and printed.

A file is read when somebody first needs a letter of it, because the one for CJK has sixteen megabytes.
"""

import functools
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from protocol.design.parameters import FACES, OTHER_FACES
from protocol.design.typeface import Typeface, parse

_FILES = {
    "sans": ("font_source_sans_pro", "files/SourceSansPro-Semibold.ttf"),
    "serif": ("font_source_serif_pro", "files/SourceSerifPro-Semibold.ttf"),
    "hand": ("font_amatic_sc", "files/AmaticSC-Bold.ttf"),
    "round": ("font_fredoka_one", "files/FredokaOne-Regular.ttf"),
    "arabic": ("justmytype_intl_rtl", "fonts/ofl/notosansarabic/NotoSansArabic[wdth,wght].ttf"),
    "hebrew": ("justmytype_intl_rtl", "fonts/ofl/notosanshebrew/NotoSansHebrew[wdth,wght].ttf"),
    "cjk": ("noto_cjk_sans_jp_regular", "NotoSansCJKjp-Regular.otf"),
}


class FontMissing(RuntimeError):
    """A package of fonts is not installed."""


@functools.cache
def file_of(name: str) -> Path:
    """The font file of a face. Raises `FontMissing`."""
    package, file = _FILES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FontMissing(f"{package} is not installed")
    return Path(spec.origin).parent / file


def installed() -> tuple[str, ...]:
    """The faces that are here, the ones that guests choose first."""
    return (*FACES, *(name for name in OTHER_FACES if find_spec(_FILES[name][0]) is not None))


@functools.cache
def _parsed(name: str) -> Typeface:
    return parse(name, file_of(name).read_bytes())


class _Faces(Mapping[str, Typeface]):
    """Faces by name, each read when it is first asked for."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __getitem__(self, name: str) -> Typeface:
        if name not in self._names:
            raise KeyError(name)
        return _parsed(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@functools.cache
def typefaces() -> Mapping[str, Typeface]:
    """What layouts have to know of every face that is installed."""
    return _Faces(installed())
