"""The venue's shop: things with a guest's picture on them, designed at home or at the table, paid and
shipped.
"""
