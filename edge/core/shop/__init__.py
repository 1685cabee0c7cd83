"""The venue's shop at the table."""
