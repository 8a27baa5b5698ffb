"""Jobs that maintain what people taught."""
