"""What the node counts and times, in the form Prometheus scrapes.

Counters begin at 0 with the process; the depths of queue and outbox are asked of the database at each scrape.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_SECONDS = (0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1800)

Depths = Callable[[], tuple[Mapping[str, int], Mapping[tuple[str, str], int]]]
"""Studies by state, and deliveries by destination and state."""


class Metrics:
    """The node's counters, and their text."""

    def __init__(self, depths: Depths) -> None:
        self._registry = CollectorRegistry()
        self.received = self._counter("objects_received", "Objects received by C-STORE", "outcome")
        self.calls = self._counter("calls", "Callers rejected and C-ECHO answered", "kind")
        self.scored = self._counter("studies_scored", "Studies scored, new versions included", "outcome")
        self.films = self._counter("films", "Films read, refused or put aside", "outcome")
        self.limbs = self._counter("limbs_scored", "Hands and feet that were read")
        self.deaths = self._counter("worker_deaths", "Deaths of the scoring worker")
        self.deliveries = self._counter("deliveries", "Deliveries by what became of them", "destination", "outcome")
        self.score_seconds = Histogram(
            "opensvh_score_seconds", "Time to score a study", buckets=_SECONDS, registry=self._registry
        )
        self.delivery_seconds = Histogram(
            "opensvh_delivery_seconds",
            "Time to send a study's results",
            ["destination"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_DepthCollector(depths))

    def text(self) -> bytes:
        """The exposition text, format 0.0.4."""
        return generate_latest(self._registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"opensvh_{name}", meaning, labels, registry=self._registry)


class _DepthCollector(Collector):
    def __init__(self, depths: Depths) -> None:
        self._depths = depths

    def describe(self) -> Iterator[Metric]:
        """The names alone: the database is not asked when the collector is registered."""
        yield from self._families({}, {})

    def collect(self) -> Iterator[Metric]:
        """The depths of this moment."""
        yield from self._families(*self._depths())

    def _families(self, studies: Mapping[str, int], deliveries: Mapping[tuple[str, str], int]) -> Iterator[Metric]:
        queued = GaugeMetricFamily("opensvh_studies", "Studies by state", labels=["state"])
        for state, count in studies.items():
            queued.add_metric([state], count)
        pending = GaugeMetricFamily(
            "opensvh_deliveries_by_state", "Deliveries by destination and state", labels=["destination", "state"]
        )
        for labels, count in deliveries.items():
            pending.add_metric(list(labels), count)
        yield queued
        yield pending
