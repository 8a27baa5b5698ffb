"""Android tombstones."""
