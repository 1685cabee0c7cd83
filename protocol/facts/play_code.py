"""A guest code: time that was paid for at the counter and is played by whoever brings the code, once.

(none) --CodeIssued--> issued --CodeRedeemed--> redeemed
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {"issued": {"CodeRedeemed": "redeemed"}, "redeemed": {}}


class CodeIssued(msgspec.Struct, frozen=True, tag=True):
    """`code` is worth `seconds` of play and was sold for `amount_minor`."""

    code: str
    seconds: int
    amount_minor: int
    method: str
    currency: str


class CodeRedeemed(msgspec.Struct, frozen=True, tag=True):
    """It was played as `session_id`."""

    session_id: str


CodeEvent = CodeIssued | CodeRedeemed


class PlayCode(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    issued: CodeIssued
    status: str
    issued_ms: int
    session_id: str | None = None


def aggregate_of(code: str) -> str:
    """`code:{code}`."""
    return f"code:{code}"


def issued(code: PlayCode | None, event: CodeIssued, fact: Fact[CodeEvent]) -> PlayCode:
    """A code that nobody has played yet."""
    if code is not None:
        raise ImpossibleFact(f"{fact.aggregate} was issued twice")
    return PlayCode(fact.version, event, "issued", fact.wall_ms)


def redeemed(code: PlayCode | None, event: CodeRedeemed, fact: Fact[CodeEvent]) -> PlayCode:
    """A code that is worth nothing any more."""
    if code is None or "CodeRedeemed" not in TRANSITIONS[code.status]:
        raise ImpossibleFact(f"CodeRedeemed on {fact.aggregate}")
    status = TRANSITIONS[code.status]["CodeRedeemed"]
    return msgspec.structs.replace(code, version=fact.version, status=status, session_id=event.session_id)


EVOLVE = {CodeIssued: issued, CodeRedeemed: redeemed}

SHAPES = (
    shape(
        "play_codes",
        "code",
        "code =seconds:int =amount_minor:int =method =currency status =issued_ms:int session_id version:int",
    ),
)


def rows(code: PlayCode, _fact: Fact[CodeEvent]) -> list[Row]:
    """The code's row."""
    first = code.issued
    worth = first.code, first.seconds, first.amount_minor, first.method, first.currency
    return [("play_codes", (*worth, code.status, code.issued_ms, code.session_id, code.version))]
