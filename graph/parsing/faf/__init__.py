"""ABRT and FAF problem reports (µReports)."""
