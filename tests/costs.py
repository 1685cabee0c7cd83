"""What tests cost, in CPU seconds by file, printed after every run of many: growth is seen before it hurts.

Wall clocks lie on a crowded machine, so the time counts that the process of the tests and the processes it
has waited for were at work. A Postgres that serves all tests of a worker is waited for when all are over, and
is in nobody's figure. `HOLDFAST_TESTS` and numbers of examples are in `depth.py`.
"""

import resource
from collections import defaultdict
from collections.abc import Generator

import pytest

#: A run of fewer files is somebody at work on one of them.
_MANY_FILES = 30
_SHOWN = 15

_by_file: defaultdict[str, float] = defaultdict(float)
_mark_s = 0.0
_whose: tuple[int, ...] = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def spent_s() -> float:
    """CPU seconds of this process and of the children it has waited for."""
    used = (resource.getrusage(who) for who in _whose)
    return sum(each.ru_utime + each.ru_stime for each in used)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart() -> None:
    """What was spent between two tests is nobody's."""
    global _mark_s
    _mark_s = spent_s()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """With the last test the servers of the whole run end, which are not its own: children count no more."""
    global _whose, _mark_s
    if nextitem is None:
        _whose = (resource.RUSAGE_SELF,)
        _mark_s = spent_s()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Each of setup, call and teardown takes its figure along, from a worker to whoever counts."""
    global _mark_s
    report = yield
    now_s = spent_s()
    report.user_properties.append(("cpu_s", now_s - _mark_s))
    _mark_s = now_s
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Heard where the run is told of."""
    cpu_s = dict(report.user_properties).get("cpu_s", 0.0)
    assert isinstance(cpu_s, float)
    _by_file[report.nodeid.partition("::")[0]] += cpu_s


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The costliest files, if the run was of many."""
    if len(_by_file) < _MANY_FILES:
        return
    terminalreporter.section(f"{sum(_by_file.values()):.0f} CPU seconds; the costliest files")
    for path, cpu_s in sorted(_by_file.items(), key=lambda each: -each[1])[:_SHOWN]:
        terminalreporter.line(f"{cpu_s:8.1f} s  {path}")
