"""Output of minidump stackwalkers."""
