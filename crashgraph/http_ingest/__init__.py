"""Report endpoints besides GraphQL: Sentry's protocol and plain reports."""
