"""Who may log in, as what, and what they did."""
