"""How deep tests dig: what every commit can pay, or what a night can, by `HOLDFAST_TESTS=nightly`.

Rule of the file: both prove the same, the night more of it by chance.
"""

import os

NIGHTLY = os.environ.get("HOLDFAST_TESTS") == "nightly"


def so_many(usually: int, nightly: int) -> int:
    """How many examples, rounds or evenings are tried."""
    return nightly if NIGHTLY else usually
