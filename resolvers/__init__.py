"""Use cases as plain async functions: records in, records out. No GraphQL, no HTTP, no pages here."""
