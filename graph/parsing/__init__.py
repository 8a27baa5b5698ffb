"""Parsers: one folder a format, over the shared rooms ``text`` and ``native``."""
