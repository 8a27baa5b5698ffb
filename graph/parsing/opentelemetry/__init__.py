"""OpenTelemetry exception records."""
