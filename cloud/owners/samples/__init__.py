"""A venue and its menu to start from: package data for the demo, for tests and for trying out.

`venue.json` is what `holdfast-cloud create-venue` takes with `--config`; `menu.json` and `menu.csv` say
the same menu twice, as `import-menu` takes it.
"""

from importlib.resources import files
from pathlib import Path


def sample(name: str) -> Path:
    """Where the sample called `name` is."""
    return Path(str(files(__name__))) / name
