"""The composition of a box: every part made and tied to the others, by subject; `app.py` is the root."""
