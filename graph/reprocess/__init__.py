"""Reprocess: recompute stored signatures with the current parsers and fingerprint version."""
