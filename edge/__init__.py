"""The box that stands in the venue: its decisions, its journal, its doors to phones, kitchen, devices and cloud."""
