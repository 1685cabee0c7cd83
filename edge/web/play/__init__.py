"""Doors for paid time: the staff's desks, and the PCs that it is counted on."""
