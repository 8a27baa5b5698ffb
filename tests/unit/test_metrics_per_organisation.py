"""Metrics are counted and shown per organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context

import pytest
from prometheus_client import REGISTRY, Counter

from crashgraph.current_organisation import ORGANISATION
from crashgraph.metrics import OwnCounter, OwnGauge, OwnHistogram, shown_metrics


@pytest.fixture(scope="module")
def counted() -> Iterator[None]:
    counter = OwnCounter("crashgraph_tried", "Tried.", ["way"])
    gauge = OwnGauge("crashgraph_now", "Now.")
    histogram = OwnHistogram("crashgraph_took_seconds", "Took.")
    unlabelled = Counter("crashgraph_everything", "Of all.")

    def work(organisation: str, times: int) -> None:
        ORGANISATION.set(organisation)
        counter.labels("a").inc(times)
        gauge.own().set(times)
        histogram.own().observe(times)
        unlabelled.inc(times)

    for organisation, times in (("default", 2), ("acme", 5)):
        copy_context().run(work, organisation, times)
    yield
    for one in (counter._counter, gauge._gauge, histogram._histogram, unlabelled):
        REGISTRY.unregister(one)


@pytest.mark.parametrize(("organisation", "times"), [("default", 2), ("acme", 5), ("other", None)])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.usefixtures("counted")
def test_one_organisation_sees_its_own_counts_without_its_name(organisation: str, times: int | None, alone: bool) -> None:
    lines = shown_metrics(organisation, alone=alone).decode().splitlines()
    expected = [
        f'crashgraph_tried_total{{way="a"}} {times}.0',
        f"crashgraph_now {times}.0",
        f"crashgraph_took_seconds_sum {times}.0",
        "crashgraph_took_seconds_count 1.0",
    ]
    assert [line in lines for line in expected] == [times is not None] * 4
    assert ("crashgraph_everything_total 7.0" in lines) is alone
    assert any(line.startswith("process_cpu_seconds_total ") for line in lines)
    assert "# HELP crashgraph_tried_total Tried." in lines
    assert not any("acme" in line or "organisation" in line for line in lines)
