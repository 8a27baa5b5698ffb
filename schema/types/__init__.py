"""GraphQL types: what they hold and what follows from that alone; fields that lead to other nodes are in `schema.relations`."""
