"""What follows from the line to the cloud: its absence, its errands, what it keeps for a later box."""
