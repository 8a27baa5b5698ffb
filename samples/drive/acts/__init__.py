"""All that happens at a station."""

from samples.drive.acts import catalogue, exchange, planning, playout, reports, traffic
from samples.drive.acts.declare import ACTS, FOLLOW_UPS, Act, left_behind

__all__ = ["ACTS", "FOLLOW_UPS", "Act", "catalogue", "exchange", "left_behind", "planning", "playout", "reports", "traffic"]
