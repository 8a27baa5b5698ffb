"""Fingerprints: the hashes and the text of a signature, in dated versions."""
