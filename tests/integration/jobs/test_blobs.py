"""Files are kept whole, found under their keys only, and gone when they are forgotten."""

from pathlib import Path

import pytest

from cloud.jobs.blobs import Blobs, NoSuchBlob


async def test_what_is_put_is_read_replaced_and_forgotten(blobs: Blobs, tmp_path: Path) -> None:
    big = tmp_path / "big"
    big.write_bytes(b"0123456789" * 200_000)
    await blobs.put("org/exports/a.csv", b"one")
    await blobs.put("org/exports/a.csv", b"two")
    await blobs.put("org/exports/b.csv", big)
    assert await blobs.read("org/exports/a.csv") == b"two"
    assert await blobs.size("org/exports/b.csv") == 2_000_000
    assert b"".join([chunk async for chunk in blobs.stream("org/exports/b.csv")]) == big.read_bytes()
    await blobs.forget("org/exports/a.csv")
    with pytest.raises(NoSuchBlob):
        await blobs.read("org/exports/a.csv")
    await blobs.forget_all("org")
    with pytest.raises(NoSuchBlob):
        await blobs.size("org/exports/b.csv")
    await blobs.forget_all("org")
    await blobs.forget("org/exports/b.csv")


@pytest.mark.parametrize("key", ["../x", "a/../../x", "/etc/passwd", "a//b", ".hidden", "", "a\\b", "a b"])
async def test_keys_lead_nowhere_else(blobs: Blobs, key: str) -> None:
    with pytest.raises(ValueError, match="is not a key"):
        await blobs.read(key)


async def test_a_bucket_is_a_matter_of_its_url() -> None:
    store = Blobs("memory:///")
    await store.put("a/b", b"c")
    assert await store.read("a/b") == b"c"
