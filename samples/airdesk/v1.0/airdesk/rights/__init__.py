"""What may be shown, when, and what it costs."""
