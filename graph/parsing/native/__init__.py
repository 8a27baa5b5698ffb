"""Native code, shared by the formats: symbol demangling, frame names, signals and exception codes, program termination."""
