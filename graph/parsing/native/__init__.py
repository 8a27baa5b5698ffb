"""Native code shared by parsers: symbol demangling, faults, termination, frame names."""
