"""Where the station keeps its records."""
