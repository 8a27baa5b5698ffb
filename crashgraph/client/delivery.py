"""Delivery of a report over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which a retry may succeed."""


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """The outcome of one attempt. ``retry_after`` is the service's, in seconds."""

    delivered: bool = False
    retryable: bool = False
    retry_after: float | None = None


class Delivery:
    """Posts reports to one address."""

    def __init__(self, address: str, timeout: float, key: str | None = None) -> None:
        """``timeout`` is in seconds, for connecting and for each read; ``key`` is an API key."""
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{address!r} is not a URL such as http://127.0.0.1:8321")
        self._address = address
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        # A proxy cannot reach loopback addresses of this machine.
        handlers = [urllib.request.ProxyHandler({})] if parts.hostname in LOOPBACK else []
        self._opener = urllib.request.build_opener(*handlers)

    def send(self, report: dict[str, str]) -> DeliveryOutcome:
        """Attempt delivery once; never raises."""
        try:
            body = json.dumps(report).encode("utf-8", "replace")
            request = urllib.request.Request(self._address, body, self._headers)  # noqa: S310  # checked above
            with self._opener.open(request, timeout=self._timeout):
                return DeliveryOutcome(delivered=True)
        except urllib.error.HTTPError as error:
            with error:
                return DeliveryOutcome(
                    retryable=error.code in RETRYABLE, retry_after=_seconds(error.headers.get("Retry-After"))
                )
        except OSError:
            return DeliveryOutcome(retryable=True)
        except Exception:  # noqa: BLE001  # a malformed answer, for example; the thread must go on
            return DeliveryOutcome(retryable=True)


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() and len(header) < 6 else None
