"""What people teach: verdicts, and the history of what was learned."""
