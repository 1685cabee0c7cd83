"""The kit's dashboard and rules before a real Prometheus that looks at a real cloud, worker and box.

Rule of the file: no figure is named that is not legitimately absent in a cloud that is well; whatever the
dashboard or a rule asks for besides is there with the labels that are asked for, or the test fails.
Counterpart: `test_alerts.py` lets each rule find something wrong.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.install.engine import KIT
from tests.install.machine import until
from tests.install.tower import Tower, tower

_SELECTOR = re.compile(r"\bholdfast_[a-z_]+(?:\{[^}]*\})?")
_COMPARED = re.compile(r"\s(?:<|>)\s")
#: Nothing has failed: Prometheus knows no answer of ours with such a status.
ABSENT = {'holdfast_requests_total{status="5xx",route!="/link"}'}


def _panels() -> list[tuple[str, str]]:
    board: dict[str, Any] = msgspec.json.decode((KIT / "grafana.json").read_bytes())
    return [(panel["title"], each["expr"]) for panel in board["panels"] for each in panel.get("targets", ())]


def _rules() -> list[tuple[str, str]]:
    rules: dict[str, Any] = msgspec.yaml.decode((KIT / "alerts.yml").read_bytes())
    return [(rule["alert"], rule["expr"]) for group in rules["groups"] for rule in group["rules"]]


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tower]:
    with tower(tmp_path_factory.mktemp("tower")) as watch:
        yield watch


@pytest.mark.parametrize(("title", "expression"), _panels())
def test_every_panel_shows_something(watch: Tower, title: str, expression: str) -> None:
    until(lambda: watch.series(expression), f"{title} to show something: {expression}", 60)
    for selector in _SELECTOR.findall(expression):
        assert watch.series(selector), selector


@pytest.mark.parametrize(("name", "expression"), _rules())
def test_every_rule_compares_what_there_is(watch: Tower, name: str, expression: str) -> None:
    for selector in set(_SELECTOR.findall(expression)) - ABSENT:
        assert watch.series(selector), selector
    # As it is, without what it is compared with; ten minutes ago there was no Prometheus yet.
    left = _COMPARED.split(expression.replace("offset 10m", "offset 1s"))[0]
    if not ABSENT.intersection(_SELECTOR.findall(left)):
        until(lambda: watch.series(left), f"{name} to have something to compare: {left}", 60)


def test_figures_carry_the_labels_that_are_asked_for(watch: Tower) -> None:
    """`sum by (…)` of a label that does not exist is one nameless line."""
    asked = [*_panels(), *_rules()]
    grouped = [
        (expression, each) for _, expression in asked for each in re.findall(r"by \(([^)]*)\)", expression)
    ]
    assert len(grouped) > 8
    for expression, names in grouped:
        figures = [selector.partition("{")[0] for selector in _SELECTOR.findall(expression)]
        told = {label for figure in figures for each in watch.series(figure) for label in each["metric"]}
        assert set(names.replace(" ", "").split(",")) <= told, expression


def test_a_cloud_that_is_well_raises_no_alarm(watch: Tower) -> None:
    found = watch.rules()
    assert found.keys() == {name for name, _ in _rules()}
    until(
        lambda: all(each["lastEvaluation"] > "1" for each in watch.rules().values()), "every rule to be asked"
    )
    for name, rule in watch.rules().items():
        assert (rule["health"], rule["state"]) == ("ok", "inactive"), (name, rule)


def test_what_a_box_tells_is_told_apart(watch: Tower) -> None:
    jobs = {each["metric"]["job"] for each in watch.series("holdfast_journal_seq")}
    assert jobs == {"box"}
    assert {each["metric"]["job"] for each in watch.series("holdfast_ready")} == {"cloud", "worker"}
