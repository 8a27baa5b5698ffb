"""Errors of scripts in the Godot engine."""
