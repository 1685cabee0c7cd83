"""How the shop says numbers and money to people who read mails and papers."""

from protocol.money import written


def money(minor: int, currency: str) -> str:
    """`14.50 EUR`."""
    return f"{written(minor, currency)} {currency}"


def short_number(number: int) -> str:
    """The number that is called out and stands on papers: `S-12`."""
    return f"S-{number}"
