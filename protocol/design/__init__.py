"""What a guest designs for the venue's shop, and where each part of it comes to lie: all of it pure.

`templates.py` are the kinds of things, one row each; `parameters.py` is what a guest chooses; `layout.py`
makes a draw list of both. Counterpart: `protocol/drawing` paints a draw list with Pillow.
"""
