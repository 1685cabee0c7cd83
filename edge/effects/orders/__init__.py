"""What orders wait for: a till that says yes, an hour at which a dish is served."""
