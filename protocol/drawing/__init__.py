"""Painting with Pillow: draw lists onto pixels, strangers' pictures into safe ones.

The one room of the protocol that knows a library besides msgspec. It is here and nowhere else because a
picture is a function of its parameters that box and cloud have to agree on, and because neither may import
the other. It opens no socket, reads no clock and knows no loop; callers keep it off theirs. Nothing imports
it before a design is looked at, so a box whose guests design nothing never loads Pillow.
"""
