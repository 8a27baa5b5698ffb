"""Sanitizer reports."""
