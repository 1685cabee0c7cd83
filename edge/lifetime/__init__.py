"""A box from its founding to its replacement: set up, served, lost, recovered, succeeded."""
