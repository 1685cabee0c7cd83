"""Facts put away by month, and tables spread over machines."""
