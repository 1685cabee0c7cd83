"""One box for a whole file of tests: nonsense must leave it as it was, so it can be shared."""

from collections.abc import Iterator

import pytest

from tests.integration.web.served import ServedBox


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedBox]:
    with ServedBox(tmp_path_factory.mktemp("box")) as served:
        yield served
