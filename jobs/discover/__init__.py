"""Jobs that look at the network as a whole: families of patterns, and what weighs most among causes."""
