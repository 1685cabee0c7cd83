"""One module and one SQL file a step. There is no way down: a release that must go back restores a backup."""
