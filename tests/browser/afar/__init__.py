"""Owners and staff on both ends of a link that fails and heals."""
