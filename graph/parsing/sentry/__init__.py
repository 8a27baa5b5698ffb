"""Sentry events."""
