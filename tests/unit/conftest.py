"""What unit tests find laid out."""

import pytest

import hatch_build


@pytest.fixture(scope="session", autouse=True)
def _faces() -> None:
    """The one face that comes from npm, also where nobody has built the pages yet."""
    if not (hatch_build.FACES / "NotoEmoji-Bold.ttf").is_file():
        hatch_build.install_packages()
        hatch_build.lay_out_faces()
