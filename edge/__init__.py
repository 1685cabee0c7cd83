"""The box that stands in the venue: decisions, journal, and doors to phones, kitchen, devices and cloud."""
