"""The pages in a real Chromium, against the real box: what only a browser can show."""
