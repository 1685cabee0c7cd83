"""Doors for whoever installs the box: devices, pairing, and the papers that stay behind."""
