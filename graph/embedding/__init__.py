"""Sentence embeddings of signatures."""
