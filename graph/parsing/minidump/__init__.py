"""Minidump stackwalk output."""
