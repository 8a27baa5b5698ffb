"""Diagnosis: the taxonomy code of an error, from type, message and stack."""
