"""The ways in over HTTP, beside GraphQL: Sentry's protocol and plain reports."""
