"""Log records without a stack."""
