"""A row of the table that `make bench` prints: ours, the limit beside it, and their ratio."""

import msgspec


class Row(msgspec.Struct, frozen=True):
    """`ratio` is ours / limit. `survives` says what of it survives a power cut."""

    name: str
    ours: float
    limit: float
    unit: str
    survives: str = ""
    target: str = ""

    @classmethod
    def ratio(
        cls, name: str, ours: float, limit: float, unit: str, survives: str = "", target: str = ""
    ) -> "Row":
        """A rate: more is better."""
        return cls(name, ours, limit, unit, survives, target)

    @classmethod
    def latency(cls, name: str, ours_s: float, limit_s: float, target: str = "") -> "Row":
        """A time: less is better; shown in milliseconds."""
        return cls(name, ours_s * 1000, limit_s * 1000, "ms", "", target)

    def __str__(self) -> str:
        return (
            f"{self.name:<34} {self.ours:>12,.2f} {self.limit:>12,.2f} {self.unit:<14} "
            f"x{self.ours / self.limit:<8.2f} {self.target:<28} {self.survives}"
        )
