"""The views, by name. A view is one file here that registers itself; see :mod:`viz.views.network`."""

from viz.views import network as _network  # noqa: F401  (registers itself)
from viz.views.registry import VIEWS, View, ViewDoors, view

__all__ = ["VIEWS", "View", "ViewDoors", "view"]
