"""Guests who are not on the venue's network: the twin path of what their phones say to the box."""
