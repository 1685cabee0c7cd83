"""One file per thing outside the box, each in its vendor's words.

Rule of the room: an adapter satisfies a port of `edge/core` and knows nothing of sessions, orders or
other adapters. It raises the port's named errors and never decides what should be so.
"""
