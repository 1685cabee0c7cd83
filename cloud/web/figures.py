"""Prometheus figures of one process. Names end in their unit; nothing is labelled by venue.

Each process has a registry of its own, so that several can live in one test run.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Figures:
    """What `/metrics` tells."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.links = Gauge("holdfast_links", "Boxes connected to this process.", registry=self.registry)
        self.hellos = Counter("holdfast_hellos", "Hellos by verdict.", ["verdict"], registry=self.registry)
        self.facts = Counter("holdfast_facts", "Facts made durable.", registry=self.registry)
        self.digests = Counter("holdfast_digests", "Digests by outcome.", ["outcome"], registry=self.registry)
        self.orphans = Counter("holdfast_orphans", "Facts of fenced boxes kept.", registry=self.registry)
        self.set_aside = Counter(
            "holdfast_aggregates_set_aside", "Aggregates quarantined.", registry=self.registry
        )
        self.run_s = Histogram(
            "holdfast_run_seconds",
            "From a run's turn to its commit.",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.jobs = Counter("holdfast_jobs", "Jobs that ended.", ["kind", "outcome"], registry=self.registry)
        self.job_wait_s = Histogram(
            "holdfast_job_wait_seconds",
            "From when a job was due to when a worker began it.",
            ["kind"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300),
        )
        self.owner_pages = Gauge("holdfast_owner_pages", "Owner pages watching.", registry=self.registry)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
