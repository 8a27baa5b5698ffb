"""A program that reports with Sentry's SDK for Python, as it is installed: ``sentry_python.py DSN EVENTS PAUSE QUEUE``.

Prints a line when half of the events are captured, then one JSON object: what became of each event. The transport is the
SDK's own; a subclass only writes down what was answered.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import sentry_sdk
from sentry_sdk.transport import HttpTransport

answers: dict[str, int] = {}


class Observed(HttpTransport):
    """The SDK's transport, watched."""

    def _handle_response(self, response: Any, envelope: Any) -> None:
        if id := envelope.headers.get("event_id"):  # an envelope of what the SDK itself lost has none
            answers[id] = response.status
        super()._handle_response(response=response, envelope=envelope)


def price(number: int) -> int:
    return {}[f"tariff {number}"]  # type: ignore[no-any-return]  # it never returns


def main(dsn: str, events: int, pause: float, queue: int) -> None:
    room: dict[str, Any] = {"transport_queue_size": queue} if queue else {}
    sentry_sdk.init(dsn, release="bench-python@1.0", transport=Observed, **room)
    captured = []
    for number in range(events):
        try:
            price(number)
        except KeyError as error:
            captured.append(sentry_sdk.capture_exception(error))
        if number == events // 2:
            print("half", flush=True)
        time.sleep(pause)
    sentry_sdk.flush(timeout=120)
    print(json.dumps({"captured": captured, "answers": answers, "version": sentry_sdk.VERSION}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
