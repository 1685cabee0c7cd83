"""The owner's dashboard, with a real cloud, a real Postgres and a real box that has claimed its venue."""
