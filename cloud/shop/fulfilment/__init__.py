"""What the venue does about an order: the desk, its papers, its exports."""
