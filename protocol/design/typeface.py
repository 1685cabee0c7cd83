"""As much of a TrueType file as a layout has to know: which letters it has, and how wide they are.

Read from the file itself (OpenType 1.9: 'cmap' formats 4 and 12, 'hmtx', 'hhea', 'head'), so that box,
cloud and the guest's browser break the same text into the same lines, whatever version of whatever library
paints it.
"""

import re
import struct

import msgspec


class NotATypeface(ValueError):
    """The bytes are no TrueType file that can be read here."""


class Typeface(msgspec.Struct, frozen=True):
    """Widths and heights in units of the face; `units` of them are as much as the type's size."""

    name: str
    units: int
    ascent: int
    descent: int
    widths: dict[int, int]

    def has(self, letter: str) -> bool:
        """Whether the face can print it."""
        return ord(letter) in self.widths

    def width(self, text: str) -> int:
        """How wide a line is, in units; nothing is drawn nearer together or farther apart."""
        return sum(self.widths.get(ord(letter), self.units // 2) for letter in text)


#: They choose the plain or the coloured form of what stands before them; here it has one, and they no width.
SELECTORS = "\ufe0e\ufe0f"
#: Parts of one picture that only shaping puts together: joiners, keycaps, halves of flags, skins, tags.
_PARTS = re.compile(
    "[\u0000-\u02ff\u200d\u20e3\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]"
)


def lent(face: Typeface, emoji: Typeface) -> Typeface:
    """`face`, with the width of every emoji that it lacks and that is one letter, at the face's own size."""
    widths = {
        letter: width * face.units // emoji.units
        for letter, width in emoji.widths.items()
        if not _PARTS.match(chr(letter))
    }
    none = {ord(each): 0 for each in SELECTORS}
    return msgspec.structs.replace(face, widths={**widths, **face.widths, **none})


def parse(name: str, raw: bytes) -> Typeface:
    """The typeface in a file. Raises `NotATypeface`."""
    try:
        tables = _tables(raw)
        (units,) = struct.unpack_from(">H", raw, tables["head"] + 18)
        ascent, descent = struct.unpack_from(">hh", raw, tables["hhea"] + 4)
        (metrics,) = struct.unpack_from(">H", raw, tables["hhea"] + 34)
        advances = struct.unpack_from(">" + "Hh" * metrics, raw, tables["hmtx"])[::2]
        glyphs = _glyphs(raw, tables["cmap"])
    except (struct.error, KeyError, IndexError) as error:
        raise NotATypeface(name) from error
    widths = {letter: advances[min(glyph, metrics - 1)] for letter, glyph in glyphs.items() if glyph}
    return Typeface(name, units, ascent, -descent, widths)


def _tables(raw: bytes) -> dict[str, int]:
    (count,) = struct.unpack_from(">H", raw, 4)
    rows = (struct.unpack_from(">4sIII", raw, 12 + 16 * place) for place in range(count))
    return {tag.decode("latin-1"): offset for tag, _sum, offset, _length in rows}


def _glyphs(raw: bytes, cmap: int) -> dict[int, int]:
    """Code point -> glyph, of the widest Unicode table that there is."""
    (count,) = struct.unpack_from(">H", raw, cmap + 2)
    found: dict[int, int] = {}
    for place in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", raw, cmap + 4 + 8 * place)
        (kind,) = struct.unpack_from(">H", raw, cmap + offset)
        if platform == 0 or (platform, encoding) in ((3, 1), (3, 10)):
            found |= _READERS[kind](raw, cmap + offset) if kind in _READERS else {}
    return found


def _segments(raw: bytes, at: int) -> dict[int, int]:
    (double,) = struct.unpack_from(">H", raw, at + 6)
    count = double // 2
    row = f">{count}H"
    ends = struct.unpack_from(row, raw, at + 14)
    starts = struct.unpack_from(row, raw, at + 16 + double)
    deltas = struct.unpack_from(row, raw, at + 16 + 2 * double)
    offsets_at = at + 16 + 3 * double
    offsets = struct.unpack_from(row, raw, offsets_at)
    found: dict[int, int] = {}
    for place, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for letter in range(start, min(end, 0xFFFE) + 1):
            if offset == 0:
                glyph = (letter + delta) & 0xFFFF
            else:
                here = offsets_at + 2 * place + offset + 2 * (letter - start)
                (glyph,) = struct.unpack_from(">H", raw, here)
                glyph = (glyph + delta) & 0xFFFF if glyph else 0
            found[letter] = glyph
    return found


def _groups(raw: bytes, at: int) -> dict[int, int]:
    (count,) = struct.unpack_from(">I", raw, at + 12)
    found: dict[int, int] = {}
    for place in range(count):
        start, end, glyph = struct.unpack_from(">III", raw, at + 16 + 12 * place)
        found |= {letter: glyph + letter - start for letter in range(start, min(end, 0x1FFFF) + 1)}
    return found


_READERS = {4: _segments, 12: _groups}
