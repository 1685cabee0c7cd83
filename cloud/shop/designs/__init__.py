"""What guests design: asked for, painted, shown."""
