"""PHP errors."""
