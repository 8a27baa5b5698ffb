"""Queries that read selected properties of nodes, and records of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph.cypher import load, names
from graph.cypher.selected import SELECTED, selecting
from graph.model import NODES
from graph.model.errors import GraphError
from graph.model.nodes import Crash, Pattern
from resolvers.rows import record_of


def test_the_projection_of_a_label_has_the_selected_properties_alone() -> None:
    text = "MATCH (p:Pattern)-[r:SEEN_IN]->(s:Site)\nRETURN collect({a: p {.*}, b: s {.*}, c: r {.*}}) AS rows"
    changed = selecting(text, "Pattern", frozenset({"pattern_id", "last_seen"}))
    assert "a: p {`*`: true, last_seen: toString(p.last_seen), .pattern_id}" in changed
    assert "b: s {.*}, c: r {.*}" in changed


def test_a_replaced_property_is_left_out_unless_it_is_selected() -> None:
    text = "MATCH (c:Crash) RETURN collect(c {.*, report: ''}) AS rows"
    assert "report" not in selecting(text, "Crash", frozenset({"crash_id"}))
    assert "report: ''" in selecting(text, "Crash", frozenset({"crash_id", "report"}))


def test_no_query_is_left_with_half_a_projection() -> None:
    changed = 0
    for name in names():
        text = load(name).text
        for label, declared in NODES.items():
            selected = selecting(text, label, frozenset({declared.key}))
            assert selected.count("{") == selected.count("}"), name
            assert "*, " not in selected.replace("{.*, ", "{"), name
            changed += selected != text
    assert changed > 60


def test_a_record_of_selected_properties_has_no_others() -> None:
    properties = {SELECTED: True, "pattern_id": "a", "last_seen": "2026-01-02T03:04:05.123456789Z[UTC]", "taxonomy_code": None}
    pattern = record_of(Pattern, properties)
    assert (pattern.pattern_id, pattern.taxonomy_code) == ("a", None)
    assert pattern.last_seen == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    with pytest.raises(AttributeError):
        _ = pattern.name


def test_a_required_property_that_is_missing_is_a_fault_of_the_graph() -> None:
    with pytest.raises(GraphError, match="a Crash in the graph lacks title"):
        record_of(Crash, {SELECTED: True, "crash_id": "a", "title": None})
