"""Queries, mutations and subscriptions, one module a subject."""
