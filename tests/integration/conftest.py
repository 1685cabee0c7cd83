"""What holds wherever real things are joined: hashes cost a thousandth, copies of databases are whole, and
nothing is kept in the working tree.

How hard passwords and PINs are is tested in `tests/unit/cloud/owners/people/test_passwords.py`; whoever
checks one takes the cost from the hash. That a cloud migrates when it starts is tested where the database
begins empty.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

import cloud.app
from cloud.jobs.blobs import Blobs
from cloud.owners.people import passwords
from cloud.store.migrate import migrate
from tests.house.test_tree import ROOT
from tests.integration.cloud.conftest import COPIES


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """For this process; programs that a test starts make real ones."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_password_hasher", cheap)
        patch.setattr(passwords, "_pin_hasher", cheap)
        yield


@pytest.fixture(scope="session", autouse=True)
def copies_are_whole() -> Iterator[None]:
    """A cloud of this process that starts on a copy of the template finds nothing to do there."""

    async def unless_copied(url: str) -> None:
        if url not in COPIES:
            await migrate(url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud.app, "migrate", unless_copied)
        yield


@pytest.fixture(scope="session", autouse=True)
def files_stay_outside() -> Iterator[None]:
    """Files of a cloud that was told of no directory would lie in the tree, for the next test to find."""
    opened = Blobs.__dict__["_store"].func

    def outside(blobs: Blobs) -> object:
        directory = Path(blobs._url.removeprefix("file://"))
        assert not directory.is_relative_to(ROOT), f"{directory} is in the working tree: say `data`"
        return opened(blobs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Blobs.__dict__["_store"], "func", outside)
        yield
