"""Uncaught exceptions of Kotlin/Native."""
