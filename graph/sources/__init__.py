"""Sources: read submissions from files, streams and JSON lines."""
