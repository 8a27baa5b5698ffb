""".NET exceptions."""
