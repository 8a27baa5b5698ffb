"""Matching: candidate patterns of a signature, their scores, and the decision."""
