"""Firmware versions as vendors write them, read into something that can be compared.

Rule of the file: never fail. A version that cannot be read counts as the oldest, so that a device of
unknown age is spoken to in the oldest way.
"""


def version_of(firmware: str) -> tuple[int, int, int]:
    """`2.0.0-beta1`, `20230913/v1.14.0-gcb` or `7.18beta2 (testing)` as three numbers; unreadable is 0."""
    numbers = [0, 0, 0]
    for place, part in enumerate(firmware.rpartition("/")[2].lstrip("v").split(".")[:3]):
        numbers[place] = int(part[: len(part) - len(part.lstrip("0123456789"))] or 0)
    return numbers[0], numbers[1], numbers[2]
