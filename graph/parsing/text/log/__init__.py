"""Log lines: prefixes, fields, whole records, and where the next writer begins."""
