"""What holds for every test: its cost is told, no example is timed (a slow machine is no defect).

Every commit is tried with the same examples, so that whoever breaks something is who changed something. By
night they are drawn anew (`depth.py`).
"""

from hypothesis import HealthCheck, settings

from tests.costs import (
    pytest_runtest_logreport,
    pytest_runtest_logstart,
    pytest_runtest_makereport,
    pytest_runtest_teardown,
    pytest_terminal_summary,
)
from tests.depth import NIGHTLY

__all__ = [
    "pytest_runtest_logreport",
    "pytest_runtest_logstart",
    "pytest_runtest_makereport",
    "pytest_runtest_teardown",
    "pytest_terminal_summary",
]

#: The checks that look at a clock.
UNTIMED = [HealthCheck.too_slow]

settings.register_profile("usual", deadline=None, derandomize=True, suppress_health_check=UNTIMED)
# Nobody sits there by night: what plays an example again is printed beside it.
settings.register_profile(
    "nightly", deadline=None, max_examples=1000, suppress_health_check=UNTIMED, print_blob=True
)
settings.load_profile("nightly" if NIGHTLY else "usual")
