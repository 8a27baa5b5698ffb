"""Go panics, fatal errors and data races."""
