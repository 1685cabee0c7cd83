"""Who sits where, and what the staff do about it."""
