"""A storm of some seconds over the real demo, and a report that says what it finds."""

import argparse
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.chaos import report, tally
from tests.chaos.__main__ import storm_over
from tests.chaos.verdict import Business, Finding

RUN = report.Run(
    minutes=2.0,
    seed=3,
    phones=12,
    answers=4000,
    repeats=20,
    kills=9,
    done=Counter({"box killed": 5, "internet cut": 2}),
    longest_wait_s=2.5,
    drained_s=3.0,
    business=Business(facts=5000, orders=70, worth_minor=123_450),
    findings=[Finding("No order is stuck"), Finding("The cloud's copy has no hole")],
)


@pytest.mark.xdist_group("faults")
async def test_a_short_storm_loses_nothing(tmp_path: Path) -> None:
    options = argparse.Namespace(minutes=0.2, phones=2, tables=2, seed=7)
    run = await storm_over(tmp_path / "demo", options)
    assert [finding for finding in run.findings if finding.fault] == []
    assert run.kills > 0
    assert run.answers > 100


def test_a_report_says_in_one_sentence_how_it_went(tmp_path: Path) -> None:
    page = report.write(RUN, tmp_path)
    assert "Nothing was lost and nothing was done twice." in page.read_text("utf-8")
    assert "box killed 5 times" in (tmp_path / "report.txt").read_text("utf-8")


def test_a_report_hides_nothing() -> None:
    wrong = msgspec.structs.replace(RUN, findings=[Finding("No order is stuck", "3 <found>")])
    assert "1 thing is wrong." in report.text(wrong)
    assert "3 &lt;found&gt;" in report.html(wrong)
    assert "✗" in report.html(wrong)


def test_a_tally_adds_runs_up_and_names_the_bad_ones(tmp_path: Path) -> None:
    bad = msgspec.structs.replace(RUN, seed=4, findings=[Finding("No order is stuck", "3 found")])
    tally.add(tally.entry(RUN, "2026-11-21T00:00:00+00:00"), tmp_path)
    both = tally.add(tally.entry(bad, "2026-11-21T00:02:00+00:00"), tmp_path)
    assert [each.seed for each in both] == [3, 4]
    told = tally.text(both)
    assert "2 runs of 4 minutes together, 18 kills" in told.replace("All runs so far: 2 of", "2 runs of")
    assert "1 runs with something wrong (seeds 4)" in told
