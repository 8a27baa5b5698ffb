"""Knowledge from people and programs: validations, solutions, verdicts, the history of patterns, and events."""
