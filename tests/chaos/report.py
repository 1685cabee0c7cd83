"""What an owner wants to know about a run: what was done to the venue, and whether anything was lost.

Text for the terminal, HTML for everybody else, from the same rows; both lie in `chaos/`, which git ignores.
"""

from collections import Counter
from html import escape
from pathlib import Path

import msgspec

from tests.chaos.verdict import Business, Finding


class Run(msgspec.Struct, frozen=True):
    """One run, as it ended."""

    minutes: float
    seed: int
    phones: int
    answers: int
    repeats: int
    kills: int
    done: Counter[str]
    #: Longest time in which no phone got any answer.
    longest_wait_s: float
    #: From the last blow until the cloud had everything.
    drained_s: float
    business: Business
    findings: list[Finding]

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.fault for finding in self.findings)


def rows(run: Run) -> list[tuple[str, str]]:
    """What happened, in words and figures."""
    done = ", ".join(f"{name} {count} times" for name, count in run.done.most_common())
    return [
        ("How long", f"{run.minutes:.1f} minutes, {run.phones} phones at work (seed {run.seed})"),
        ("What was done to the venue", done or "nothing"),
        ("Killed without warning", f"{run.kills} times"),
        ("What guests did", f"{run.answers:,} answers, {run.repeats:,} of them to questions asked again"),
        (
            "What the venue sold",
            f"{run.business.orders:,} orders worth {run.business.worth_minor / 100:,.2f}",
        ),
        ("Longest time without any answer", f"{run.longest_wait_s:.1f} seconds"),
        ("After the last blow", f"the cloud had everything again within {run.drained_s:.1f} seconds"),
        ("Facts compared, box and cloud", f"{run.business.facts:,}"),
    ]


def headline(run: Run) -> str:
    """The one sentence."""
    faults = sum(bool(finding.fault) for finding in run.findings)
    wrong = "1 thing is wrong." if faults == 1 else f"{faults} things are wrong."
    return "Nothing was lost and nothing was done twice." if run.well else wrong


def text(run: Run) -> str:
    """For the terminal."""
    width = max(len(name) for name, _ in rows(run))
    lines = [headline(run), ""]
    lines += [f"{name:<{width}}  {value}" for name, value in rows(run)]
    lines += ["", *(f"{'WRONG' if each.fault else 'ok':<6} {each.sentence}" for each in run.findings)]
    lines += [f"\n{each.sentence}: {each.fault}" for each in run.findings if each.fault]
    return "\n".join(lines) + "\n"


def html(run: Run) -> str:
    """For a browser, or to be printed."""
    table = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows(run))
    checks = "".join(
        f'<li class="{"wrong" if each.fault else "ok"}">{escape(each.sentence)}'
        + (f"<pre>{escape(each.fault)}</pre>" if each.fault else "")
        + "</li>"
        for each in run.findings
    )
    return _PAGE.format(headline=escape(headline(run)), table=table, checks=checks)


def write(run: Run, folder: Path) -> Path:
    """Both, side by side; the page's path."""
    folder.mkdir(exist_ok=True)
    (folder / "report.txt").write_text(text(run), "utf-8")
    page = folder / "report.html"
    page.write_text(html(run), "utf-8")
    return page


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Holdfast: a hard evening</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }}
th {{ text-align: left; vertical-align: top; padding-right: 1.5rem; font-weight: 600 }}
td, th {{ padding-bottom: .5rem }}
li {{ list-style: none }} .wrong {{ color: #a00 }}
.ok::before {{ content: "✓ " }} .wrong::before {{ content: "✗ " }}
</style>
<h1>{headline}</h1>
<p>A venue with guests at work was treated worse than any real evening would treat it.</p>
<table>{table}</table>
<h2>What was looked at afterwards</h2>
<ul>{checks}</ul>
</html>
"""
