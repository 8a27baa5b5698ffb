"""Errors of Lua programs with their traceback."""
