"""Sentences on their way into the database: what strangers made us say must never be what stops us."""

_LONGEST = 500


def storable(words: str) -> str:
    """The words without what Postgres cannot hold, cut to a length that somebody may read."""
    return words.replace("\0", "").encode("utf-8", "replace").decode()[:_LONGEST]
