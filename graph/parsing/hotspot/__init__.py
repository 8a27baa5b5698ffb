"""HotSpot fatal error logs (hs_err)."""
