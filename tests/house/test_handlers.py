"""Handlers of the dashboard act for the person who asks, not for all of the organisation they are in."""

from pathlib import Path

import cloud

ROOMS = ("owners", "shop", "web", "guests")


def test_people_act_as_far_as_they_reach() -> None:
    """`acting_for` names an organisation and nobody in it; what people ask goes through `on_behalf_of`."""
    paths = [path for room in ROOMS for path in (Path(cloud.__file__).parent / room).rglob("*.py")]
    assert len(paths) > 40
    assert [path.name for path in paths if "acting_for(" in path.read_text()] == []
