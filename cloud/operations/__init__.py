"""Looking after a cloud: what is done now and then, and what watches over it (Grafana, alerts, units)."""
