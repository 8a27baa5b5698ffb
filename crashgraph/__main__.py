"""``python -m crashgraph`` is the ``crashgraph`` command."""

from crashgraph.cli import main

main()
