"""Plugs, gates and whatever else hangs on the network: found, taken in, tried, kept as they should be."""
