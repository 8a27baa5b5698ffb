"""Jobs that analyse the network of patterns as a whole: families, and influence among causes."""
