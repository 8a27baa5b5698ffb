"""The crash graph: its model, queries, store, ingest, algorithms and embedded server."""
