"""The program on a gaming PC: counts paid time down, shows it, and ends it, with or without the box.

It carries `protocol` and nothing else of the house. `machine.py` decides and `countdown.py` counts, both
without sockets or clocks; `overlay.py` and `runner.py` are thin shells around them;
`actions.py` is the port to the operating system.
"""
