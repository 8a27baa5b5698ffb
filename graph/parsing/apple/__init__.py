"""Crash reports of macOS, iOS and their relatives."""
