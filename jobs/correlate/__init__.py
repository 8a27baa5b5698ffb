"""Jobs that find out how patterns relate."""
