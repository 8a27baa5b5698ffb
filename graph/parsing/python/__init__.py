"""Python tracebacks."""
