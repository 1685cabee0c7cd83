"""The QR code in the terminal is the code that a phone would see."""

import pytest
import segno

from edge.demo.screen import qr_lines

_DARK = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}


@pytest.mark.parametrize("content", ["http://192.168.1.20:8080/t/4MC942", "x"])
def test_two_modules_a_character(content: str) -> None:
    lines = qr_lines(content)
    rows = []
    for line in lines:
        halves = [_DARK[character] for character in line]
        rows += [[above for above, _ in halves], [below for _, below in halves]]
    wanted = [
        [bool(module) for module in row] for row in segno.make(content, error="m").matrix_iter(border=4)
    ]
    assert rows[: len(wanted)] == wanted
    # What is left over is quiet zone.
    assert not any(module for row in rows[len(wanted) :] for module in row)
