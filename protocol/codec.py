"""Bounded decoding of everything that strangers send, and the one JSON encoder.

Rule of the file: bytes in, a typed struct or a named refusal out; never an exception of the JSON
library, never an unbounded walk. msgspec checks types while it parses; size and depth are checked here,
and NUL is, which Postgres cannot store.
"""

from typing import TypeVar

import msgspec

from protocol.errors import Refused, refuse

#: Largest message accepted from a phone, a device or a staff page (core.md §9).
MOST_BYTES = 64 * 1024
#: Deepest nesting accepted. Ours never exceeds six.
MOST_DEPTH = 16

#: What msgspec raises for bytes that make no sense. Text that is not UTF-8 has an error of its own.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
encode = _encoder.encode


def too_deep(raw: bytes) -> bool:
    """Whether brackets nest deeper than allowed. Those inside strings count too: it errs on the safe side."""
    if raw.count(b"[") + raw.count(b"{") <= MOST_DEPTH:
        return False
    depth = 0
    for byte in raw:
        if byte in b"[{":
            depth += 1
            if depth > MOST_DEPTH:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def decode(decoder: "msgspec.json.Decoder[T]", raw: bytes | str, most_bytes: int = MOST_BYTES) -> T:
    """Parse one message. Raises `Refused` with `too_large`, `malformed` or `invalid`."""
    data = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(data) > most_bytes:
        raise Refused(refuse("too_large"))
    if too_deep(data):
        raise Refused(refuse("invalid", f"Nested deeper than {MOST_DEPTH} levels."))
    if b"\\u0000" in data:
        raise Refused(refuse("invalid", "A text may not contain the character NUL."))
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Refused(refuse("invalid", f"{error}.")) from error
    except UNREADABLE as error:
        raise Refused(refuse("malformed", f"Not valid JSON: {error}.")) from error
