"""What guests order: priced, paid, followed to its end."""
