"""All that happens at a station. Importing the modules declares their acts."""

from samples.drive.acts import catalogue, exchange, planning, playout, reports, traffic  # noqa: F401
from samples.drive.acts.declare import ACTS, FOLLOW_UPS, Act, left_behind

__all__ = ["ACTS", "FOLLOW_UPS", "Act", "left_behind"]
