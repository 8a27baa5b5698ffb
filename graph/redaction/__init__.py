"""Redaction: replace secrets and personal data before a report is stored."""
