"""Later releases of this very tree, some of which do not work: built as wheels, bundled and signed."""

import shutil
import subprocess
import sys
from pathlib import Path

from edge.provision.bundle import seal
from edge.provision.release import sign

TREE = Path(__file__).parents[2]

#: What is added to the end of `edge/wiring/app.py` or put into its migrations, by kind of release.
DIES_AT_START = 'raise RuntimeError("this release does not start")\n'
DIES_LATER = """
_tell = Supervisor.tell


def _tell_and_die(self: Supervisor, state: str) -> None:
    _tell(self, state)
    if state == READY:
        asyncio.get_running_loop().call_later(1, __import__("os")._exit, 3)


Supervisor.tell = _tell_and_die
"""
TOMORROW = "CREATE TABLE tomorrow (id INTEGER PRIMARY KEY) STRICT"
MIGRATION = '''"""A table of tomorrow."""

from alembic import op

revision = "9999"
down_revision = {head!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("{tomorrow}")
'''


def make_release(
    folder: Path, former: Path, version: str, key: str, added: str = "", migrates: bool = False
) -> Path:
    """A signed bundle of `version`, with the libraries of a former bundle."""
    tree = folder / f"tree-{version}"
    left_out = shutil.ignore_patterns(".git", ".venv", "node_modules", "tests", ".*_cache", "bundle", "dist")
    shutil.copytree(TREE, tree, ignore=left_out)
    _replace(tree / "pyproject.toml", 'version = "0.2.0"', f'version = "{version}"')
    with (tree / "edge/wiring/app.py").open("a") as source:
        source.write(added)
    if migrates:
        _migrate(tree / "edge/journal")
    bundle = folder / f"bundle-{version}"
    shutil.copytree(former, bundle, ignore=shutil.ignore_patterns("holdfast-*.whl", "manifest.*"))
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(bundle / "wheels"), str(tree)], check=True)
    seal(bundle, version)
    sign(bundle, key)
    return bundle


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def _migrate(journal: Path) -> None:
    from edge.journal.migrating import HEAD

    _replace(journal / "migrating.py", f'HEAD = "{HEAD}"', 'HEAD = "9999"')
    (journal / "migrations/versions/9999_tomorrow.py").write_text(
        MIGRATION.format(head=HEAD, tomorrow=TOMORROW)
    )
    with (journal / "schema.sql").open("a") as schema:
        schema.write(f"{TOMORROW};\n")
