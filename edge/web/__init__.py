"""The box's doors for phones, kitchen and staff pages: parse, authorise, hand to the core, answer.

Handlers are thin. Each module owns one group of addresses and lists them as `protocol.http.Route` rows.
"""
