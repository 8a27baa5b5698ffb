"""Backtraces printed by native programs themselves."""
