"""The description of all HTTP routes for programs, as OpenAPI 3.1, made from their declarations."""
