"""Windows crash reports."""
