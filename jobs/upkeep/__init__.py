"""Jobs that keep the graph small."""
