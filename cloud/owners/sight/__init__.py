"""What owners look at: live, in reports, in alerts, in files."""
