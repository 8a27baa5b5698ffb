"""The GraphQL interface, and the only room that imports strawberry.

``types`` hold records, ``relations`` attach fields from a table, ``operations`` are the queries, mutations and
subscriptions, ``inputs`` become plain values. ``build`` makes the schema, ``app`` serves it. Importing this package alone is
cheap.
"""
