"""Errors of Perl programs."""
