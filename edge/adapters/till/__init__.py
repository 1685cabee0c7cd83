"""Points of sale: the box itself, one for training, and one behind a webhook."""
