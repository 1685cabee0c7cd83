"""Stand-ins that behave as the real devices do, faults included, for the demo and the tests.

Each starts in-process (`async with ShellyGen2Emulator() as plug: plug.url`) or as a program
(`python -m firmware_profiles.emulators plug`). What they do is taken from vendor pages and issue threads
named in each module; they share no code with the adapters that talk to them, so that a wrong belief
has to be held twice to go unnoticed.
"""
