"""What owners look at, and the sums that it is made of."""
