"""From a raw report to the graph: reading, understanding, recognising, storing."""
