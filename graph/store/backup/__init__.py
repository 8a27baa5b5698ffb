"""Backup of a graph while its server runs: a consistent export to one file, and its import into an empty graph."""
