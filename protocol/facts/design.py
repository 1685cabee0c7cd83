"""A design that a guest makes at a table: the box writes it down, and its final picture is painted in the
cloud.

    (none) --DesignBegun--> draft --DesignHandedOver--> final
                            `--DesignChanged--^

Parameters stand whole in every fact; an uploaded picture is only named, by the SHA-256 of its bytes, and
travels beside the journal (`edge/adapters/cloud/picture_courier.py`). From `final` on nothing of it changes:
the cloud renders it.
"""

import msgspec

from protocol.design.parameters import Parameters
from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "draft": {"DesignChanged": "draft", "DesignHandedOver": "final"},
    "final": {},
}


class DesignBegun(msgspec.Struct, frozen=True, tag=True):
    """A member of a table began to design a product."""

    design_id: str
    session_pid: str
    member_pid: str
    product_id: str
    template: str
    parameters: Parameters


class DesignChanged(msgspec.Struct, frozen=True, tag=True):
    """It looks different now."""

    parameters: Parameters


class DesignHandedOver(msgspec.Struct, frozen=True, tag=True):
    """It stays as it is and may be rendered."""


DesignEvent = DesignBegun | DesignChanged | DesignHandedOver


class Design(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    begun: DesignBegun
    parameters: Parameters
    status: str
    begun_ms: int


def aggregate_of(design_id: str) -> str:
    """`design:{id}`."""
    return f"design:{design_id}"


def begun(design: Design | None, event: DesignBegun, fact: Fact[DesignEvent]) -> Design:
    """A draft."""
    if design is not None:
        raise ImpossibleFact(f"{fact.aggregate} was begun twice")
    return Design(fact.version, event, event.parameters, "draft", fact.wall_ms)


def _next(design: Design | None, fact: Fact[DesignEvent]) -> Design:
    name = type(fact.event).__name__
    if design is None or name not in TRANSITIONS[design.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    return msgspec.structs.replace(design, version=fact.version, status=TRANSITIONS[design.status][name])


def changed(design: Design | None, event: DesignChanged, fact: Fact[DesignEvent]) -> Design:
    """Other parameters."""
    return msgspec.structs.replace(_next(design, fact), parameters=event.parameters)


def handed_over(design: Design | None, _event: DesignHandedOver, fact: Fact[DesignEvent]) -> Design:
    """Frozen."""
    return _next(design, fact)


EVOLVE = {DesignBegun: begun, DesignChanged: changed, DesignHandedOver: handed_over}

SHAPES = (
    shape(
        "table_designs",
        "design_id",
        "design_id =session_pid =member_pid =product_id =template parameters picture status =begun_ms:int "
        "version:int",
    ),
)


def rows(design: Design, _fact: Fact[DesignEvent]) -> list[Row]:
    """How the design is; `parameters` as sorted JSON."""
    first = design.begun
    parameters = msgspec.json.encode(design.parameters, order="sorted").decode()
    picture = design.parameters.picture.blob if design.parameters.picture else None
    head = first.design_id, first.session_pid, first.member_pid, first.product_id, first.template
    return [("table_designs", (*head, parameters, picture, design.status, design.begun_ms, design.version))]
