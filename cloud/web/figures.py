"""Prometheus figures of one process. Names end in their unit; nothing is labelled by venue.

Each process has a registry of its own, so that several can live in one test run.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Standing:
    """How all venues and their database are; every process tells the same, as of `looked_at_s`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"holdfast_{name}", about, labels, registry=registry)

        self.venues = gauge("venues", "Venues whose box is up or down.", "link")
        self.unsynced = gauge("unsynced_facts", "Facts that boxes have told of and not yet sent.")
        self.troubled = gauge("troubled_venues", "Venues whose link says that something is wrong.")
        self.quarantined = gauge("quarantined_aggregates", "Aggregates that are set aside.")
        self.live_facts = gauge("live_facts", "Facts that are not put away yet, as Postgres estimates.")
        self.database_bytes = gauge("database_bytes", "Size of the database.")
        self.unarchived_s = gauge(
            "wal_unarchived_seconds", "Age of the newest archived piece of the log; -1 where none is kept."
        )
        self.archive_failures = gauge("wal_archive_failures", "Pieces that could not be archived.")
        self.connections = gauge("database_connections", "Connections to the database.")
        self.most_connections = gauge("database_connections_most", "Connections that it allows.")
        self.looked_at_s = gauge("looked_at_seconds", "When this was looked at, since 1970.")


class Figures:
    """What `/metrics` tells."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.links = Gauge("holdfast_links", "Boxes connected to this process.", registry=self.registry)
        self.hellos = Counter("holdfast_hellos", "Hellos by verdict.", ["verdict"], registry=self.registry)
        self.hellos_waiting = Gauge(
            "holdfast_hellos_waiting", "Hellos that wait to be judged.", registry=self.registry
        )
        self.hellos_put_off = Counter(
            "holdfast_hellos_put_off",
            "Boxes told to come again, at the door or because their hello had waited for too long.",
            ["where"],
            registry=self.registry,
        )
        self.catch_ups = Gauge("holdfast_catch_ups", "Boxes that catch up now.", registry=self.registry)
        self.catch_ups_waiting = Gauge(
            "holdfast_catch_ups_waiting",
            "Boxes that wait to catch up.",
            registry=self.registry,
        )
        self.catch_ups_trickled = Counter(
            "holdfast_catch_ups_trickled",
            "Runs that passed without a turn, so that a line lives on.",
            registry=self.registry,
        )
        self.catch_up_wait_s = Histogram(
            "holdfast_catch_up_wait_seconds",
            "From a box's asking to its turn.",
            registry=self.registry,
            buckets=(0.01, 0.1, 1, 5, 15, 30, 60, 120, 300, 900),
        )
        self.facts = Counter("holdfast_facts", "Facts made durable.", registry=self.registry)
        self.digests = Counter("holdfast_digests", "Digests by outcome.", ["outcome"], registry=self.registry)
        # There from the start: Prometheus takes what begins at 1 for no increase, and the first that had to
        # be mended is the one to be told of (https://prometheus.io/docs/practices/instrumentation/).
        for outcome in ("equal", "mended", "yours", "later"):
            self.digests.labels(outcome)
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
        self.requests = Counter(
            "holdfast_requests", "Answers.", ["method", "route", "status"], registry=self.registry
        )
        self.request_s = Histogram(
            "holdfast_request_seconds",
            "From a request to its answer.",
            ["route"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.working = Gauge("holdfast_working", "1 while this process does jobs.", registry=self.registry)
        self.ready = Gauge("holdfast_ready", "1 while this process takes in.", registry=self.registry)
        self.standing = Standing(self.registry)
        self.owner_pages = Gauge("holdfast_owner_pages", "Owner pages watching.", registry=self.registry)

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self.registry)
