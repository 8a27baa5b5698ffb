"""The day: slots, breaks, promotions and house rules."""
