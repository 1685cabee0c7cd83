"""What follows from committed facts: kitchen, printers, plugs and routers, phones, tills.

Rule of the room: nothing is fired and forgotten. An effect is either a stream with a durable cursor or
a desired state that is compared with the world again and again (core.md §4).
"""
