"""Reports of Valgrind's tools."""
