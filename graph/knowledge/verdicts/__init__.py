"""Verdicts: apply, journal and undo what people decide about patterns and signatures."""
