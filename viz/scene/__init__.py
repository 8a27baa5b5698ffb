"""Pictures of a network: layout, looks, wording and the data that the scripts draw. pyvis is imported here only, and late."""
