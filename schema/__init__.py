"""The GraphQL interface: types over records, connections, limits, errors and the query page.

Strawberry lives here only. Import :func:`schema.build.build_schema`, :func:`schema.build.sdl`,
:func:`schema.app.graphql_app` and :class:`schema.context.Context` where they are needed: importing this package alone
costs nothing.
"""
