"""Rust panics and errors."""
