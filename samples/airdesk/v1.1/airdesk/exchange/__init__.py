"""Programme lists to and from partner stations."""
