"""GraphQL input types and the plain values they become."""
