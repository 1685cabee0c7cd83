"""What guests write reaches the paper as letters, never the printer as commands."""

import pytest

from edge.adapters.kitchen.escpos import render
from firmware_profiles.catalogue.printers import PRINTERS, PrinterModel
from protocol.facts.printout import Slip, SlipLine

#: Open the drawer, cut, reset, download a character: ESC p, GS V, ESC @, ESC &.
COMMANDS = ("\x1bp0<<", "\x1dV0", "\x1b@", "\x1b&", "\x10\x14\x01\x00\x05", "\x0c", "\x9b")


@pytest.mark.parametrize("model", PRINTERS, ids=lambda model: model.model)
@pytest.mark.parametrize("command", COMMANDS, ids=ascii)
def test_a_note_is_no_command(model: PrinterModel, command: str) -> None:
    note = f"no salt{command}please"
    for slip in (
        Slip("K-1", (SlipLine(note, right=command),)),
        Slip(note, (SlipLine("Burger"),), footing=note),
    ):
        sent = render(slip, model).removeprefix(b"\x1b@")  # every slip begins with a reset of our own
        assert command.encode("latin-1") not in sent
