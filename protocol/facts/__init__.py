"""What happened at a venue, one module per aggregate: events, the state they fold into, the rows they touch.

`fact.py` is the envelope and the hash chain, `fold.py` the registry through which everybody folds.
"""
