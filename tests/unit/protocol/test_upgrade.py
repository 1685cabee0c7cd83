"""Manifests of releases: what can be one, and which release comes after which."""

import json
from typing import Any

import pytest

from protocol.upgrade import BadManifest, is_newer, read_manifest, signed

SHA = "0" * 64


def manifest(**changes: Any) -> bytes:
    return json.dumps({"version": "0.2.0", "files": {"wheels/a.whl": SHA}, **changes}).encode()


def test_a_manifest_says_what_a_bundle_consists_of() -> None:
    read = read_manifest(manifest(sizes={"wheels/a.whl": 7}))
    assert (read.version, read.files, read.size_bytes) == ("0.2.0", {"wheels/a.whl": SHA}, 7)


def test_one_of_the_former_release_tells_no_sizes() -> None:
    assert read_manifest(manifest()).size_bytes == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"[]",
        manifest(version="1; rm -rf /"),
        manifest(version="../0.2.0"),
        manifest(files={"../../etc/shadow": SHA}),
        manifest(files={"/etc/shadow": SHA}),
        manifest(files={"wheels/..": SHA}),
        manifest(files={"wheels/a..b/../c": SHA}),
        manifest(files={"": SHA}),
        manifest(files={"wheels/a.whl": "short"}),
        manifest(sizes={"wheels/a.whl": 2**40}),
    ],
)
def test_anything_else_is_no_manifest(raw: bytes) -> None:
    with pytest.raises(BadManifest):
        read_manifest(raw)


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("0.2.0", "0.1.0", True),
        ("0.10.0", "0.9.9", True),
        ("0.2.0", "0.2.0", False),
        ("0.1.9", "0.2.0", False),
        ("0.2.0+local", "0.2.0", False),
        ("0.2.1", "0.2", True),
    ],
)
def test_releases_are_compared_by_their_numbers(version: str, than: str, newer: bool) -> None:
    assert is_newer(version, than) is newer


def test_what_is_signed_names_the_box() -> None:
    assert signed("venue", "node", b"body") == b"holdfast/release/venue/node/body"
