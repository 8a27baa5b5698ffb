"""Dart and Flutter errors."""
