"""Erase what must not be kept: crashes with all that only they brought, and secrets found late."""
