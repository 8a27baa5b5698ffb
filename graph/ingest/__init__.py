"""Ingest: from a submission to stored crashes and their receipts."""
