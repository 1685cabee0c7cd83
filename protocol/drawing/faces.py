"""The typefaces that designs are set in, each from a package of open fonts.

Source Sans Pro and Source Serif Pro (Adobe), Amatic SC (Vernon Adams) and Fredoka One (Milena Brandao), all
under the SIL Open Font License 1.1, which lets them be bundled, embedded and printed. Latin, Greek and
Cyrillic.
"""

import functools
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from protocol.design.parameters import FACES
from protocol.design.typeface import Typeface, parse

_FILES = {
    "sans": ("font_source_sans_pro", "SourceSansPro-Semibold.ttf"),
    "serif": ("font_source_serif_pro", "SourceSerifPro-Semibold.ttf"),
    "hand": ("font_amatic_sc", "AmaticSC-Bold.ttf"),
    "round": ("font_fredoka_one", "FredokaOne-Regular.ttf"),
}


class FontMissing(RuntimeError):
    """A package of fonts is not installed."""


@functools.cache
def file_of(name: str) -> Path:
    """The TrueType file of a face. Raises `FontMissing`."""
    package, file = _FILES[name]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FontMissing(f"{package} is not installed")
    return Path(spec.origin).parent / "files" / file


@functools.cache
def typefaces() -> Mapping[str, Typeface]:
    """What layouts have to know of every face."""
    return {name: parse(name, file_of(name).read_bytes()) for name in FACES}
