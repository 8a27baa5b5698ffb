"""The ``evolution`` job: one bug followed across patterns and versions."""
