"""Fatal error logs of the HotSpot JVM (hs_err)."""
