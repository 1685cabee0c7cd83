"""The binary API of RouterOS, sans-IO: bytes in, sentences out, and the other way round.

A sentence is a run of words ended by an empty word; a word is its length in one of five tiers, then that
many bytes (help.mikrotik.com 'API', 'Protocol'). Lengths of 0xF8 and above in the first byte are
reserved for control and never sent. Replies begin with `!re`, `!done`, `!trap`, `!fatal`, and since 7.18
with `!empty` before the `!done` of a command that has nothing to tell.

Rule of the file: never wait, never guess. Counterpart: `edge/adapters/devices/routeros_api.py` owns the
socket.
"""

from dataclasses import dataclass, field

#: No word a router sends us comes near this; more means that we have lost our place in the stream.
MOST_WORD_BYTES = 1024 * 1024
MOST_SENTENCE_WORDS = 4096

#: First length of each tier, the bits it is marked with, and how many bytes it takes.
_TIERS = (
    (0x80, 0x00, 1),
    (0x4000, 0x8000, 2),
    (0x20_0000, 0xC0_0000, 3),
    (0x1000_0000, 0xE000_0000, 4),
    (0x1_0000_0000, 0xF0_0000_0000, 5),
)


class WordsBroken(Exception):
    """The bytes are not sentences of this protocol; the connection cannot be used any more."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One sentence from the router. `kind` is `!re`, `!done`, `!empty`, `!trap` or `!fatal`."""

    kind: str
    attributes: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


def encode_length(length: int) -> bytes:
    """The prefix of a word of `length` bytes."""
    for below, mark, size in _TIERS:
        if length < below:
            return (length | mark).to_bytes(size, "big")
    raise WordsBroken(f"a word of {length} bytes has no encoding")


def encode_sentence(words: list[str]) -> bytes:
    """Words and the empty one that ends them."""
    parts = []
    for word in words:
        raw = word.encode("utf-8", "surrogateescape")
        parts += [encode_length(len(raw)), raw]
    return b"".join(parts) + b"\x00"


def command(path: str, attributes: dict[str, str], queries: list[str] | None = None) -> bytes:
    """A command sentence: `path`, its attributes, and the query words of a `print`."""
    words = [path, *(f"={name}={value}" for name, value in attributes.items()), *(queries or [])]
    return encode_sentence(words)


def parse_reply(words: tuple[str, ...]) -> Reply:
    """A sentence as a reply. Raises `WordsBroken` for one that is none."""
    if not words or not words[0].startswith("!"):
        raise WordsBroken(f"not a reply: {words[:3]}")
    attributes = {}
    for word in words[1:]:
        if word.startswith("="):
            name, _, value = word[1:].partition("=")
            attributes[name] = value
    return Reply(words[0], attributes, words[1:])


class SentenceReader:
    """Collects bytes as they come and gives back whole sentences. Raises `WordsBroken`."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._words: list[str] = []

    def feed(self, data: bytes) -> list[tuple[str, ...]]:
        """Sentences completed by `data`, in order."""
        self._buffer += data
        sentences = []
        place = 0
        while (word := self._word_at(place)) is not None:
            raw, place = word
            if raw:
                self._keep(raw)
            elif self._words:
                sentences.append(tuple(self._words))
                self._words = []
        del self._buffer[:place]
        return sentences

    def _keep(self, raw: bytes) -> None:
        if len(self._words) >= MOST_SENTENCE_WORDS:
            raise WordsBroken("a sentence without an end")
        self._words.append(raw.decode("utf-8", "surrogateescape"))

    def _word_at(self, place: int) -> tuple[bytes, int] | None:
        """The word that begins at `place` and where it ends, None while it is not all there."""
        size = self._prefix_size(place)
        if size is None or len(self._buffer) < place + size:
            return None
        marked = int.from_bytes(self._buffer[place : place + size], "big")
        length = marked & ~_TIERS[size - 1][1]
        if length > MOST_WORD_BYTES:
            raise WordsBroken(f"a word of {length} bytes")
        end = place + size + length
        if len(self._buffer) < end:
            return None
        return bytes(self._buffer[place + size : end]), end

    def _prefix_size(self, place: int) -> int | None:
        if place >= len(self._buffer):
            return None
        first = self._buffer[place]
        if first >= 0xF8:
            raise WordsBroken(f"control byte {first:#x}")
        return 1 + (first >= 0x80) + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)
