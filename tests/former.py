"""The release before this one, as programs: whoever upgrades has it beside ours for a while.

It is taken out of the history by the commit at which it ended, because tags need not be in a clone. Its
programs run on the same interpreter and libraries; its pages are not built, for nothing here looks at them.
When a release is made, `COMMIT` and `VERSION` become that release's.
"""

import os
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import msgspec
import pytest

COMMIT = "cbb32d655d790fb291ea26107dffba090d52037b"
VERSION = "0.1.0"

_HERE = Path(__file__).parents[1]
_PACKAGES = ("edge", "cloud", "protocol", "firmware_profiles")


class HistoryMissing(Exception):
    """This clone does not reach back to the former release; the text says how to mend that."""


class Former(msgspec.Struct, frozen=True):
    """Its source, whole, in a folder of its own."""

    tree: Path

    @property
    def first(self) -> dict[str, str]:
        """What has a process find this code and no other.

        Without the second Python looks in the directory that it was started in before that.
        """
        return {"PYTHONPATH": str(self.tree), "PYTHONSAFEPATH": "1"}

    def environment(self, **more: str) -> dict[str, str]:
        """For a process of it: what it imports is its own, wherever this tree was installed."""
        return {**os.environ, **self.first, **more}

    def argv(self, module: str, *arguments: str) -> list[str]:
        """A command line of it, such as `argv("edge.cli", "run")`; start it in `tree`."""
        return [sys.executable, "-m", module, *arguments]


def unpack(folder: Path, names: tuple[str, ...] = _PACKAGES) -> Former:
    """The former release's source in `folder`. Raises `HistoryMissing`."""
    archive = ["git", "-C", str(_HERE), "archive", COMMIT, *names]
    try:
        done = subprocess.run(archive, capture_output=True, check=False)
    except FileNotFoundError:
        raise HistoryMissing("git is missing: apt-get install --yes git") from None
    if done.returncode != 0:
        raise HistoryMissing(
            f"release {VERSION} ({COMMIT[:12]}) is not in this clone; run `git fetch --unshallow`. "
            f"git says: {done.stderr.decode(errors='replace').strip()}"
        )
    with tarfile.open(fileobj=BytesIO(done.stdout)) as source:
        source.extractall(folder, filter="data")
    return Former(folder)


@pytest.fixture(scope="session")
def former(tmp_path_factory: pytest.TempPathFactory) -> Former:
    """Unpacked once for each worker of a run."""
    return unpack(tmp_path_factory.mktemp("former"))
