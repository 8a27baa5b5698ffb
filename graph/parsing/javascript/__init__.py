"""JavaScript errors."""
