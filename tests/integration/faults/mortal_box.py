"""`python -m tests.integration.faults.mortal_box EVENT ARGUMENTS…`: the box, gone once EVENT is on disk.

It is `holdfast-edge` with one listener before all others: the first committed batch that holds an event of
that type ends the process with SIGKILL, so what is on disk has been told to nobody.
"""

import os
import signal
import sys

from edge import cli
from edge.journal import writer
from edge.journal.writer import Committed
from edge.wiring import books


class MortalWriter(writer.Writer):
    """Nobody hears of a batch before death has looked at it."""

    deadly = ""

    def listen(self, listener: writer.Listener) -> None:
        if not self._listeners:
            super().listen(_look)
        super().listen(listener)


def _look(batch: list[Committed]) -> None:
    if any(type(each.fact.event).__name__ == MortalWriter.deadly for each in batch):
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> int:
    """Serve until the event."""
    MortalWriter.deadly = sys.argv.pop(1)
    assert vars(books)["Writer"] is writer.Writer, "the box has its writer from elsewhere, and would live on"
    vars(books)["Writer"] = MortalWriter
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
