"""Failed checks and crashes of Swift programs."""
