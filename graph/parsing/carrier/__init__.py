"""Undo what carries a program's output: container runtimes, syslog, JSON records, quoting, escapes.

``undo.undo`` splits a text into parts, each the output of one source as its program wrote it; ``choose.read_carried`` parses
the parts and compares the outcome with that of the text as it is.
"""
