"""Errors of Haskell programs."""
