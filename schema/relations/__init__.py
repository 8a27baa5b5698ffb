"""Fields that lead from one node to others, attached to the types from a table."""
