"""``crashgraph export``: the graph, or some labels of it, in files that other programs read.

``run`` reads the graph page by page and gives nodes, then relationships, to one of the writers.
"""
