"""Implementations of the ports of :mod:`graph.ports`."""
