"""Made-up crashes per language, in variants that are one bug and near-misses that are not.

A variant prints the same bug again: other addresses, lines of a later release, another user's data, another thread, colours,
CRLF, time stamps, the carriers of containers and syslog. A near-miss shares the error type and the outer frames, or the
wrapper, with the bug, and is another one.
"""
