"""How things are named: time-ordered UUIDs, table codes, order and ticket numbers, token digests.

Rule of the file: no clock and no randomness of its own. Callers hand both in, so that one seed gives
one history in the simulation.
"""

import hashlib

#: Letters of table codes: no vowels and no look-alikes, so that a code can be read out and spells nothing.
CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"


def uuid7(wall_ms: int, entropy: bytes) -> str:
    """RFC 9562 §5.7 UUID version 7 from Unix milliseconds and ten random bytes.

    Time-ordered, so an index over it grows at its right edge; wall time may be wrong, uniqueness
    rests on the 74 random bits.
    """
    value = (wall_ms & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(entropy[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def readable_code(entropy: bytes, length: int = 6) -> str:
    """A code for a table card or for pairing; `entropy` holds at least `length` random bytes."""
    return "".join(CODE_LETTERS[byte % len(CODE_LETTERS)] for byte in entropy[:length])


def order_id(restaurant_id: int, number: int) -> str:
    """`ORD-{restaurant_id}-{order_number}` (seed 002 §7.3)."""
    return f"ORD-{restaurant_id}-{number}"


def ticket_name(number: int) -> str:
    """The short name that is called out in the kitchen, `K-88` (seed 000 §5)."""
    return f"K-{number}"


def token_digest(token: str) -> str:
    """What is stored of a random 256-bit token; the token itself is never written down."""
    return hashlib.sha256(token.encode()).hexdigest()


def pass_word_digest(restaurant_id: int, word: str) -> str:
    """Digest of a venue's pass word (seed 000 §1A 'compare SHA'); case and outer blanks do not matter."""
    return hashlib.sha256(f"{restaurant_id}:{word.strip().casefold()}".encode()).hexdigest()
