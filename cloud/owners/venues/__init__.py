"""Making venues, boxes for them, and asking something of them."""
