"""Pages: a network becomes a scene, a scene becomes HTML. pyvis is imported here only, and late."""
