"""Reports of sanitizers and fuzzers, and failed checks of native programs."""
