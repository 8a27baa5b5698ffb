"""Connections of jobs to the world outside."""
