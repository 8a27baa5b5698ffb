"""Fixtures for an intake."""

from __future__ import annotations

from typing import TypeVar

import pytest
from recorder import Recorder

from crashgraph.http_ingest import intake as intake_module
from crashgraph.http_ingest import writer as writer_module

T = TypeVar("T")


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are short."""
    for module, name, seconds in (
        (intake_module, "PATIENCE_SECONDS", 0.3),
        (writer_module, "FIRST_PAUSE_SECONDS", 0.01),
        (writer_module, "LONGEST_PAUSE_SECONDS", 0.05),
        (intake_module, "STOP_SECONDS", 0.5),
    ):
        monkeypatch.setattr(module, name, seconds)
