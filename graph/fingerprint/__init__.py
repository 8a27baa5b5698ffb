"""Fingerprints: the hashes and texts that identify a signature, in dated versions."""
