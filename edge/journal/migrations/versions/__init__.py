"""Numbered migrations; each is frozen once released."""
