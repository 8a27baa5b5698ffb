"""Matching: candidates of a signature, their scores, and the decision which pattern it belongs to."""
