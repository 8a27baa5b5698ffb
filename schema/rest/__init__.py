"""REST over the schema: each file of ``documents`` is a route, the GraphQL operation that answers it, and its description.

A route therefore has the arguments, limits, scope and errors of that operation. ``operation`` reads the documents, ``execute``
runs them, ``json_schema`` describes what they take and return.
"""
