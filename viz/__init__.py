"""HTML pages: a page reads plain values from the graph, and a template renders them in the common shell."""
