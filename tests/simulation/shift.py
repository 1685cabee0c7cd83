"""Whether people in the venue go on; told once, to everybody."""


class Shift:
    """Of one history."""

    def __init__(self) -> None:
        self.open = True
