"""Models as rows, never as branches: support for a new device is a new row, and nothing else changes.

A row says which dialect a model speaks and what is particular to it; the dialect's file does the talking.
Values come from vendor pages named in each module; a value nobody could confirm is left at its cautious
default.
"""
