"""VisualWorks diagnostic dumps (WCR)."""
