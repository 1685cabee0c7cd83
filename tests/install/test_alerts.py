"""The kit's rules for Prometheus, asked by `promtool`: each finds what it is for, none cries without need.

Rule of the file: hours are written down as series, a value a minute, in the notation of `promtool test rules`
(https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/): `0+5x30` begins at 0 and
goes up by 5 thirty times. Counterpart: `test_watched.py` asks a real cloud for what the rules ask for.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.install.engine import KIT

Series = dict[str, str]


class Case(msgspec.Struct, frozen=True):
    """What is wrong, from when on it is to be told (and not before), and the labels that say where."""

    wrong: Series
    quiet_at: str
    told_at: str
    labels: dict[str, str] = {}


def _slow(name: str, most: str, more: str, **labels: str) -> Series:
    """A histogram in which all is above `most` and below `more` seconds."""
    words = "".join(f'{key}="{each}",' for key, each in labels.items())
    rising = {more: "0+10x90", "+Inf": "0+10x90", most: "0+0x90"}
    return {f'holdfast_{name}_bucket{{{words}le="{le}"}}': values for le, values in rising.items()}


_ROUTE = 'holdfast_requests_total{route="/api/me",status="%s"}'
CASES: list[tuple[str, Case]] = [
    ("NoProcessIsReady", Case({"holdfast_ready": "1+0x5 0+0x90"}, "6m", "8m")),
    # Nobody tells anything.
    ("NoProcessIsReady", Case({"holdfast_ready": "1+0x5 stale"}, "6m", "8m")),
    ("NobodyWorks", Case({"holdfast_working": "1+0x5 0+0x90"}, "10m", "12m")),
    ("PostgresIsAway", Case({"holdfast_looked_at_seconds": "0+60x5 300+0x90"}, "6m", "9m")),
    (
        "ManyVenuesFellSilent",
        Case(
            {
                'holdfast_venues{link="down"}': "2+0x15 30+0x90",
                'holdfast_venues{link="up"}': "98+0x15 70+0x90",
            },
            "16m",
            "19m",
        ),
    ),
    ("CommitsAreSlow", Case(_slow("run_seconds", "2.5", "10"), "5m", "15m")),
    ("CatchUpsQueue", Case({"holdfast_catch_ups_waiting": "0+0x5 3+0x90"}, "25m", "37m")),
    ("AnswersFail", Case({_ROUTE % "5xx": "0+5x90", _ROUTE % "2xx": "0+95x90"}, "3m", "9m")),
    (
        "AnswersAreSlow",
        Case(
            _slow("request_seconds", "2.5", "10", route="/api/report"), "10m", "20m", {"route": "/api/report"}
        ),
    ),
    ("FactsAreSetAside", Case({"holdfast_aggregates_set_aside_total": "0+0x5 1+0x90"}, "4m", "8m")),
    ("TablesDiffer", Case({'holdfast_digests_total{outcome="mended"}': "0+0x5 1+0x90"}, "4m", "8m")),
    (
        "JobsWait",
        Case(_slow("job_wait_seconds", "30", "300", kind="mail"), "10m", "20m", {"kind": "mail"}),
    ),
    (
        "ConnectionsRunOut",
        Case(
            {
                "holdfast_database_connections": "40+0x5 95+0x90",
                "holdfast_database_connections_most": "100+0x90",
            },
            "8m",
            "12m",
        ),
    ),
    ("LogIsNotArchived", Case({"holdfast_wal_unarchived_seconds": "0+60x90"}, "15m", "22m")),
    ("LogIsNotArchived", Case({"holdfast_wal_archive_failures": "0+0x5 1+0x90"}, "8m", "12m")),
    ("FactsAreNotPutAway", Case({"holdfast_live_facts": "300000000+0x90"}, "50m", "65m")),
]
#: A cloud that is well for an hour and a half; a process is changed, and some venues are always away.
WELL: Series = {
    'holdfast_ready{instance="a"}': "1+0x90",
    'holdfast_ready{instance="b"}': "1+0x30 0+0x5 1+0x60",
    'holdfast_working{instance="w"}': "1+0x90",
    "holdfast_looked_at_seconds": "0+60x90",
    'holdfast_venues{link="down"}': "5+0x30 9+0x60",
    'holdfast_venues{link="up"}': "95+0x30 91+0x60",
    'holdfast_run_seconds_bucket{le="0.1"}': "0+99x90",
    'holdfast_run_seconds_bucket{le="2.5"}': "0+100x90",
    'holdfast_run_seconds_bucket{le="+Inf"}': "0+100x90",
    "holdfast_catch_ups_waiting": "0+0x20 4+0x9 0+0x60",
    _ROUTE % "2xx": "0+999x90",
    _ROUTE % "5xx": "0+1x90",
    'holdfast_request_seconds_bucket{route="/api/me",le="1"}': "0+10x90",
    'holdfast_request_seconds_bucket{route="/api/me",le="+Inf"}': "0+10x90",
    "holdfast_aggregates_set_aside_total": "0+0x90",
    'holdfast_digests_total{outcome="mended"}': "0+0x90",
    'holdfast_digests_total{outcome="equal"}': "0+7x90",
    'holdfast_job_wait_seconds_bucket{kind="mail",le="5"}': "0+10x90",
    'holdfast_job_wait_seconds_bucket{kind="mail",le="+Inf"}': "0+10x90",
    "holdfast_database_connections": "60+0x90",
    "holdfast_database_connections_most": "100+0x90",
    # Where no log is archived.
    "holdfast_wal_unarchived_seconds": "-1+0x90",
    "holdfast_wal_archive_failures": "0+0x90",
    "holdfast_live_facts": "1000000+0x90",
}


def _rules() -> dict[str, dict[str, Any]]:
    read: dict[str, Any] = msgspec.yaml.decode((KIT / "alerts.yml").read_bytes())
    return {rule["alert"]: rule for group in read["groups"] for rule in group["rules"]}


def _promtool(*words: str) -> None:
    program = shutil.which("promtool")
    if program is None:
        raise RuntimeError("promtool is missing; `make test-install` brings it with prometheus")
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _ask(folder: Path, series: Series, expected: list[dict[str, Any]]) -> None:
    """Have the rules asked of these series."""
    given = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": given, "alert_rule_test": expected}
    path = folder / "alerts.test.yml"
    rules = {"rule_files": [str(KIT / "alerts.yml")], "evaluation_interval": "1m", "tests": [test]}
    path.write_bytes(msgspec.json.encode(rules))  # JSON is YAML, too
    _promtool("test", "rules", str(path))


def _told(name: str, labels: dict[str, str]) -> dict[str, Any]:
    """The alert as it has to be told, its words filled in."""
    rule = _rules()[name]
    words = {
        key: re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels[found[1]], text)
        for key, text in rule["annotations"].items()
    }
    return {"exp_labels": {**rule["labels"], **labels}, "exp_annotations": words}


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}-{at}" for at, (name, _) in enumerate(CASES)])
def test_each_rule_finds_what_it_is_for_and_waits_until_it_lasts(
    tmp_path: Path, name: str, case: Case
) -> None:
    at = {"alertname": name}
    quiet = {**at, "eval_time": case.quiet_at, "exp_alerts": []}
    told = {**at, "eval_time": case.told_at, "exp_alerts": [_told(name, case.labels)]}
    _ask(tmp_path, case.wrong, [quiet, told])


def test_every_rule_was_tried() -> None:
    assert {name for name, _ in CASES} == _rules().keys()


def test_a_cloud_that_is_well_is_left_alone(tmp_path: Path) -> None:
    _ask(
        tmp_path,
        WELL,
        [
            {"alertname": name, "eval_time": f"{at}m", "exp_alerts": []}
            for name in _rules()
            for at in (1, 15, 31, 33, 45, 90)
        ],
    )


def test_prometheus_takes_the_files_of_the_kit() -> None:
    _promtool("check", "rules", str(KIT / "alerts.yml"))
    _promtool("check", "config", "--syntax-only", str(KIT / "prometheus.yml"))
