"""A floor on a busy evening: many stations in every state there is, for pictures and for measuring."""

from edge.core.play.commands import PausePlay, PlayCommand, SetMaintenance, StartPlay
from edge.journal.writer import Accepted
from protocol.facts.play_config import PlayConfig
from tests.browser.stations.floor import play
from tests.browser.venue import Box

LENGTHS_S = (7200, 5400, 3600, 1500, 590, 110)


def big_floor() -> PlayConfig:
    """Twenty-four consoles and thirty-two PCs."""
    return play(24, 32)


async def fill(box: Box, table_session: str | None = None) -> None:
    """Most of it is played on; the first three sessions belong to a table, if one is named."""
    for number in range(40):
        station = f"ps5-{number + 1}" if number < 18 else f"pc-{number - 17}"
        postpaid = number % 9 == 8
        await _do(
            box,
            StartPlay(
                f"play-{number}",
                f"play-{number}:first",
                station,
                None if postpaid else LENGTHS_S[number % len(LENGTHS_S)],
                "POSTPAID" if postpaid else "CASH",
                None if postpaid else 900,
                "staff:mia",
                table_session=table_session if number < 3 else None,
            ),
        )
        if number % 11 == 5:
            await _do(box, PausePlay(f"play-{number}", "asked", "staff:mia"))
    await _do(box, SetMaintenance("ps5-24", True, "staff:mia"))
    floor = box.app.gaming.floor
    for number in range(1, 18):
        floor.note(f"ps5-{number}", power_w=40.0 + 9 * number)
    for number in range(1, 28):
        floor.note(f"pc-{number}", agent_online=True, cpu=31.0, ram=44.0)
    floor.note("ps5-3", health={"plug": "lost"})


async def _do(box: Box, command: PlayCommand) -> None:
    outcome = await box.app.writer.execute(command)
    assert isinstance(outcome, Accepted), outcome
