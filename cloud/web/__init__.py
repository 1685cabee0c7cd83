"""What every HTTP surface of the cloud shares: answers and refusals, limits on callers, health, figures."""
