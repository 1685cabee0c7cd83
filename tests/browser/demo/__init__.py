"""The whole product at once, as `holdfast-edge demo` runs it, with people at real pages."""
