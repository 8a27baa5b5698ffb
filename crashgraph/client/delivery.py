"""One report to the service, over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same may work."""


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """What became of an attempt. ``retry_after`` is in seconds, as the service said."""

    delivered: bool = False
    worth_another: bool = False
    retry_after: float | None = None


class Delivery:
    """Posts to one address."""

    def __init__(self, address: str, timeout: float) -> None:
        """``timeout`` is in seconds, for connecting and for each wait on the answer."""
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{address!r} is not an address such as http://127.0.0.1:8321")
        self._address = address
        self._timeout = timeout
        # A proxy has no way to this machine's own addresses.
        handlers = [urllib.request.ProxyHandler({})] if parts.hostname in LOOPBACK else []
        self._opener = urllib.request.build_opener(*handlers)

    def send(self, report: dict[str, str]) -> DeliveryOutcome:
        """Try once; never raises."""
        try:
            body = json.dumps(report).encode("utf-8", "replace")
            request = urllib.request.Request(self._address, body, {"Content-Type": "application/json"})  # noqa: S310  # checked above
            with self._opener.open(request, timeout=self._timeout):
                return DeliveryOutcome(delivered=True)
        except urllib.error.HTTPError as error:
            with error:
                return DeliveryOutcome(
                    worth_another=error.code in LATER, retry_after=_seconds(error.headers.get("Retry-After"))
                )
        except OSError:
            return DeliveryOutcome(worth_another=True)
        except Exception:  # noqa: BLE001  # a strange answer, such as half a header: the thread must live on
            return DeliveryOutcome(worth_another=True)


def _seconds(told: str | None) -> float | None:
    return float(told) if told and told.isdecimal() and len(told) < 6 else None
