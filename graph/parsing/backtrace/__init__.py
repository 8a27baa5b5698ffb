"""Plain native backtraces."""
