"""Java stack traces."""
