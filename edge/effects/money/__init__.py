"""What follows from money that nobody waits for any more."""
