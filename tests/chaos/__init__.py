"""A venue and its cloud as real processes under load, killed and cut off at random: `make chaos MINUTES=…`.

`storm.py` does the damage, `verdict.py` looks for what was lost, `report.py` tells an owner about it.
"""
