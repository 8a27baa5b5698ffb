"""Ruby exceptions."""
