"""A newer release of the house: gathered, and put in place when nobody is disturbed."""
