"""ABRT/FAF problem reports."""
