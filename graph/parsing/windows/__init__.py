"""Native crashes of Windows."""
