"""Protocol N-1: a box of the former release at a cloud of this one, the same box on its way to this one, and
back, with guests at its tables each time.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.former import VERSION, Former, HistoryMissing, unpack
from tests.integration.former.street import street

pytestmark = pytest.mark.xdist_group("former")

DISH = 17
SOLD_OUT = {"kind": "mark_sold_out", "menu_item": DISH}
ON_AGAIN = {"kind": "mark_sold_out", "menu_item": DISH, "sold_out": False}


async def test_the_former_box_sells_and_agrees_is_upgraded_and_taken_back(
    tmp_path: Path, database: str, former: Former
) -> None:
    async with street(tmp_path, database, former) as venue:
        await venue.on(ours=False)
        async with venue.evening() as crowd:
            await crowd.more_orders(3)
            await venue.publish()
            assert (await venue.command(SOLD_OUT))["status"] == "DONE"
        sold = await venue.agree()
        await venue.until_digests_agree()
        venue.off()

        await venue.on(ours=True)
        async with venue.evening() as crowd:
            await crowd.more_orders(3)
            assert (await venue.command(ON_AGAIN))["status"] == "DONE"
        sold_by_both = await venue.agree()
        assert sold_by_both > sold
        await venue.until_digests_agree()
        venue.off()

        venue.run("refold", ours=False)
        assert "the hash chain is whole" in venue.run("doctor", ours=False)
        await venue.on(ours=False)
        async with venue.evening() as crowd:
            await crowd.more_orders(3)
        assert await venue.agree() > sold_by_both
        venue.off()


async def test_a_command_of_tomorrow_is_refused_by_name_and_stops_nothing(
    tmp_path: Path, database: str, former: Former
) -> None:
    async with street(tmp_path, database, former) as venue:
        await venue.on(ours=False)
        await venue.until({"link": "live", "unsynced": 0})
        refused = await venue.command({"kind": "upgrade"})
        assert (refused["status"], refused["code"]) == ("REFUSED", "not_understood")
        assert (await venue.command(SOLD_OUT))["status"] == "DONE"
        venue.off()


def test_the_former_release_is_what_it_says(former: Former) -> None:
    where = [sys.executable, "-c", "import edge; print(edge.__file__)"]
    # Run from here, where this release's code lies.
    asked = subprocess.run(where, env=former.environment(), capture_output=True, text=True, check=True)
    assert Path(asked.stdout.strip()) == former.tree / "edge/__init__.py"
    described = (unpack(former.tree, ("pyproject.toml",)).tree / "pyproject.toml").read_text()
    assert f'version = "{VERSION}"' in described


def test_a_clone_without_the_history_is_told_how_to_mend_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.former.COMMIT", "0" * 40)
    with pytest.raises(HistoryMissing, match="git fetch --unshallow"):
        unpack(tmp_path)
