"""Lets commands ask a running service of the same home instead of opening the graph and loading models themselves.

The service announces itself by a file in the home (:mod:`crashgraph.local_service.announcement`) and answers at
``/api/local`` (:mod:`crashgraph.local_service.endpoints`); commands use :mod:`crashgraph.local_service.client`.
"""
