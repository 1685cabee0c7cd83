"""The cloud and the way to it: the link, and the doors beside it."""
