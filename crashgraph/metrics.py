"""Prometheus metrics that are counted, and shown, per organisation; what counts does not name it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from crashgraph.current_organisation import ORGANISATION

if TYPE_CHECKING:
    from prometheus_client.samples import Sample

LABEL = "organisation"
OURS = "crashgraph_"


class OwnCounter:
    """A counter per organisation."""

    def __init__(self, name: str, help: str, labels: Sequence[str] = ()) -> None:
        """``labels`` are those beside the organisation."""
        self._counter = Counter(name, help, [*labels, LABEL])

    def labels(self, *values: str) -> Counter:
        """The counter of the organisation that is worked for."""
        return self._counter.labels(*values, ORGANISATION.get())


class OwnGauge:
    """A gauge per organisation."""

    def __init__(self, name: str, help: str) -> None:
        """Without other labels."""
        self._gauge = Gauge(name, help, [LABEL])

    def own(self) -> Gauge:
        """The gauge of the organisation that is worked for."""
        return self._gauge.labels(ORGANISATION.get())


class OwnHistogram:
    """A histogram per organisation."""

    def __init__(
        self, name: str, help: str, labels: Sequence[str] = (), buckets: Sequence[float] = Histogram.DEFAULT_BUCKETS
    ) -> None:
        """``labels`` are those beside the organisation; ``buckets`` are upper bounds."""
        self._histogram = Histogram(name, help, [*labels, LABEL], buckets=buckets)

    def own(self, *values: str) -> Histogram:
        """The histogram of the organisation that is worked for."""
        return self._histogram.labels(*values, ORGANISATION.get())


class _Shown(Collector):
    """The metrics of one organisation, without the label."""

    def __init__(self, organisation: str, *, alone: bool) -> None:
        self._organisation = organisation
        self._alone = alone

    def collect(self) -> Iterator[Metric]:
        """The families with what may be shown of them; all have their names and help."""
        for family in REGISTRY.collect():
            shown = Metric(family.name, family.documentation, family.type, family.unit)
            shown.samples = [own for sample in family.samples if (own := self._own(sample)) is not None]
            yield shown

    def _own(self, sample: Sample) -> Sample | None:
        if LABEL not in sample.labels:
            # One of ours without the label counts what all organisations do.
            return sample if self._alone or not sample.name.startswith(OURS) else None
        if sample.labels[LABEL] != self._organisation:
            return None
        return sample._replace(labels={name: value for name, value in sample.labels.items() if name != LABEL})


def shown_metrics(organisation: str, *, alone: bool) -> bytes:
    """Prometheus text for those who may read an organisation; ``alone``: there is no other one."""
    registry = CollectorRegistry()
    registry.register(_Shown(organisation, alone=alone))
    return generate_latest(registry)
