"""Plugs, routers and the network they hang on, each in its vendor's words."""
