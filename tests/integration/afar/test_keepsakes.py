"""A box dies, and the one after it speaks to its devices: with the owner's paper, and not without."""

import asyncio
import json
import sys
from pathlib import Path

import msgspec

from edge.core.devices.bindings import DeviceAddress
from edge.effects.afar.keepsake import SEALED_NAME, new_code
from edge.effects.devices.address_book import FILE_NAME, AddressBook, Entry
from tests.integration.afar.linked import Linked, eventually

PASSWORD = "never-in-clear-in-the-cloud"


async def edge(*arguments: str) -> tuple[int, str]:
    """`holdfast-edge`; its exit status and what it said."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge.cli", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await child.communicate()
    return child.returncode or 0, output.decode()


async def code_of(directory: Path) -> str:
    """The paper."""
    status, said = await edge("recovery-code", "--data", str(directory))
    assert status == 0, said
    return next(line for line in said.splitlines() if "code of this venue" in line).rpartition(" ")[2]


async def test_a_new_box_speaks_to_the_devices_of_the_one_before_it(stand: Linked, tmp_path: Path) -> None:
    await stand.box.off()
    book = AddressBook(stand.directory / FILE_NAME)
    book.write("plug-1", Entry(DeviceAddress("shelly_gen2", "http://10.0.0.9", password=PASSWORD)))
    code = await code_of(stand.directory)
    await stand.box.on(stand.tasks)

    async def left() -> bool:
        return bool(await stand.cloud.pool.fetchval("SELECT count(*) FROM keepsakes"))

    await eventually(left)
    kept = await stand.cloud.pool.fetchval("SELECT sealed FROM keepsakes")
    assert PASSWORD.encode() not in kept
    await stand.agree()
    await stand.box.off()

    new = tmp_path / "new"
    replacement = (await stand.owner("POST", "replace", {"epoch": 1}))["code"]
    status, said = await edge("claim", "--data", str(new), "--cloud", stand.cloud.url, "--code", replacement)
    assert status == 0, said
    status, said = await edge("recover", "--data", str(new), "--code", new_code())
    assert (status, "sealed with another code" in said) == (1, True), said
    assert not (new / FILE_NAME).exists()
    status, said = await edge("recover", "--data", str(new), "--code", code.lower())
    assert status == 0, said
    assert (new / FILE_NAME).read_bytes() == (stand.directory / FILE_NAME).read_bytes()
    assert (new / FILE_NAME).stat().st_mode & 0o777 == 0o600
    # Not over what was adopted since, unless somebody means it.
    status, said = await edge("recover", "--data", str(new), "--code", code)
    assert (status, "is here already" in said) == (1, True), said
    # The dead box is given nothing any more; from the stick the paper opens it as well.
    (stand.directory / FILE_NAME).unlink()
    status, said = await edge("recover", "--data", str(stand.directory), "--code", code)
    assert (status, "the cloud said 401" in said) == (1, True), said
    stick = str(stand.directory / SEALED_NAME)
    status, said = await edge("recover", "--data", str(new), "--code", code, "--from", stick, "--force")
    assert status == 0, said
    assert PASSWORD in json.dumps(msgspec.json.decode((new / FILE_NAME).read_bytes()))
    await stand.box.on(stand.tasks)


async def test_nothing_leaves_a_box_for_which_nobody_has_a_paper(stand: Linked, tmp_path: Path) -> None:
    status, said = await edge("recover", "--data", str(stand.directory), "--code", new_code())
    assert (status, "nothing was ever sealed for this venue" in said) == (1, True), said
    nobody = tmp_path / "nobody"
    await edge("backup", "--data", str(nobody), str(tmp_path / "none"))
    status, said = await edge("recover", "--data", str(nobody), "--code", new_code())
    assert status == 1, said
    assert await stand.cloud.pool.fetchval("SELECT count(*) FROM keepsakes") == 0
