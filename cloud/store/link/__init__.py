"""What boxes say and are told: nodes, facts, streams, snapshots, commands."""
