"""Measures of measures.md, as ratios against a limit that is measured beside them in the same run."""
