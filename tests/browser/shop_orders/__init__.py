"""The page of a guest's orders and the shop of the dashboard, in a real browser."""
