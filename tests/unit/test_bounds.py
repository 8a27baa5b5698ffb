"""No text is longer than an entry of an index may be, whatever way it comes in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graph.ingest.prepare import CrashBuilder
from graph.ingest.rows import crash_row, environment_rows, frame_rows
from graph.model.bounds import ENTRY_BYTES, NAME_BYTES, bounded
from graph.model.convert import properties
from graph.model.declare import NODES, NodeDeclaration, Property, indexed_texts
from graph.model.nodes import Crash
from graph.model.report import StackFrame
from graph.redaction.redactor import Redactor
from graph.sources.submission import STATED, Submission

NOW = datetime(2026, 1, 2, tzinfo=UTC)
LONG = "é" * 20_000
SAMPLES: dict[str, Any] = {
    "STRING": "a",
    "INTEGER": 1,
    "FLOAT": 0.5,
    "BOOLEAN": True,
    "ZONED DATETIME": NOW,
    "LIST<STRING>": (),
    "LIST<INTEGER>": (),
    "LIST<FLOAT>": (),
}
INDEXED = [(one, name) for one in NODES.values() for name in sorted(indexed_texts(one.record))]


def sample(declared: Property) -> object:
    return SAMPLES[declared.neo4j_type]


@pytest.mark.parametrize(("declared", "name"), INDEXED, ids=lambda value: getattr(value, "label", value))
def test_an_indexed_property_fits_its_index(declared: NodeDeclaration, name: str) -> None:
    required = {one.name: sample(one) for one in declared.properties if not one.optional}
    first, second = (properties(declared.record(**{**required, name: LONG + end}))[name] for end in "ab")
    assert len(first.encode()) <= ENTRY_BYTES
    assert first != second
    assert first.startswith("ééé")


def test_indexes_of_the_model_are_covered() -> None:
    assert {"crash_id", "external_id", "site", "status", "error_code"} <= indexed_texts(Crash)
    assert "report" not in indexed_texts(Crash)


def test_a_short_text_stays_as_it_is() -> None:
    assert bounded("é" * 500) == "é" * 500
    assert len(bounded("é" * 501).encode()) <= NAME_BYTES


def test_everything_that_a_sender_states_fits_the_indexes() -> None:
    stated: dict[str, Any] = {one.name: f"{one.name}{LONG}" for one in STATED if one.name != "severity"}
    frames = (StackFrame(f"f{LONG}", f"m{LONG}", f"{LONG}.py"), StackFrame("g", f"n{LONG}"))
    one = Submission(exception_type=f"E{LONG}", frames=frames, environment={"os": LONG}, platform="python", **stated)
    (item,) = CrashBuilder(Redactor(b"0123456789abcdef0123456789abcdef")).prepare(one, NOW)
    assert item.fingerprint is not None
    crash = crash_row(item)["crash"]
    (environment,) = environment_rows([item])
    entries = [
        *(crash[name] for name in indexed_texts(Crash) if name in crash),
        *(row[name] for row in frame_rows([item.fingerprint]) for name in ("key", "module", "function")),
        item.fingerprint.error_type,
        *environment["site"],
        environment["version"][0]["version_id"],
        *(fact["key"] for fact in environment["attributes"]),
    ]
    assert max(len(entry.encode()) for entry in entries) <= ENTRY_BYTES
