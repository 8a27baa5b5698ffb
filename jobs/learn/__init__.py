"""Jobs that look after what was learned."""
