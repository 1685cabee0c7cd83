"""The menu editor's addresses."""
