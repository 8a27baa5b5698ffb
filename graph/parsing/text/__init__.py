"""Text handling shared by the formats: lines and prefixes, log records, escapes, terminal codes, times, JSON values."""
