"""Tests of the tree itself: rules of the house that no linter knows."""
