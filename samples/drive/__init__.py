"""What runs in a subprocess: one station at work with one version of the sample application."""
