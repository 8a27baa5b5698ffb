"""Jobs that find relationships between patterns."""
