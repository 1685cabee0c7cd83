"""A whole venue and its cloud on one machine: `holdfast-edge demo`.

Rule of the room: everything is the real thing in a process of its own, started by its command line like
anywhere else. Only the hardware is emulated, and the internet between box and cloud is a relay that can
be cut. Nothing outside this room knows that there is a demo.
"""
