"""Designs, pictures, renders and orders of venues' shops."""
