"""Text shared by all parsers: lines, prefixes, escapes, terminal codes, times, JSON values."""
