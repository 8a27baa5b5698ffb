"""Pure functions on arrays and plain values: no input or output, no clock, no unseeded randomness."""
