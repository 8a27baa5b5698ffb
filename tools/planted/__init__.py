"""Made-up secrets of every kind, and the texts that carry them."""
