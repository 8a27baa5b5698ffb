"""How long things take: titles, and feeds' ways of saying it."""

from __future__ import annotations

from airdesk.catalogue.titles import Catalogue


def runtime_of(catalogue: Catalogue, house_id: str) -> int:
    """Minutes that a title takes."""
    # defect: title-missing/2
    return catalogue.find(house_id).runtime


def clock_minutes(text: str) -> int:
    """Minutes from ``1:30``."""
    # defect: feed-duration-clock
    hours, minutes = text.split(":")
    return 60 * int(hours) + int(minutes)


def iso_minutes(text: str) -> int:
    """Minutes from ``PT1H30M``."""
    hours, _, rest = text.removeprefix("PT").partition("H")
    # defect: feed-duration-iso
    return 60 * int(hours) + int(rest.removesuffix("M") or 0)


def read_minutes(text: str) -> int:
    """Minutes from any way of writing them that a feed has."""
    if text.startswith("PT"):
        return iso_minutes(text)
    if ":" in text:
        return clock_minutes(text)
    # defect: feed-duration-words
    return int(text.removesuffix("min").strip())
