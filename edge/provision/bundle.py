"""A release in a folder: wheels, Debian packages, and a manifest with the digest of every file.

Whoever has the folder can install a box without the internet. Wheels are gathered by pip for the board's
processor; Debian packages by apt on a system of the same release as the box's.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

#: Newest first; pip takes the first that a wheel exists for.
PLATFORMS = {
    "aarch64": (
        "manylinux_2_36_aarch64",
        "manylinux_2_28_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
    ),
    "x86_64": (
        "manylinux_2_36_x86_64",
        "manylinux_2_28_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
    ),
}
#: The Python of each Debian release.
PYTHONS = {"12": "3.11", "13": "3.13"}


class BundleFailed(RuntimeError):
    """Something could not be gathered; the message is what pip or apt said."""


def gather_wheels(wheel: Path, target: Path, machine: str, debian: str) -> None:
    """The release's own wheel and everything it needs on a box. Raises `BundleFailed`."""
    wheels = target / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    platforms = [option for name in PLATFORMS[machine] for option in ("--platform", name)]
    _run(
        *(sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"),
        *("--only-binary", ":all:", "--python-version", PYTHONS[debian], *platforms),
        *("--dest", str(wheels), f"{wheel}[edge]"),
    )
    (target / "offline").touch()


def gather_packages(names: tuple[str, ...], target: Path) -> None:
    """Debian packages with what they need and this system lacks. Raises `BundleFailed`."""
    debs = target / "debs"
    (debs / "partial").mkdir(parents=True, exist_ok=True)
    _run(
        *("apt-get", "--yes", "--no-install-recommends", "--download-only", "--reinstall"),
        *("-o", f"Dir::Cache::archives={debs.resolve()}", "install", *names),
    )
    (debs / "partial").rmdir()
    (debs / "lock").unlink(missing_ok=True)


def seal(target: Path, version: str) -> Path:
    """Write the manifest over everything that lies in the folder; its path."""
    files = [
        path
        for path in sorted(target.rglob("*"))
        if path.is_file() and path.name not in {"manifest.json", "manifest.sig"}
    ]
    names = {path: path.relative_to(target).as_posix() for path in files}
    listed = {names[path]: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    sizes = {names[path]: path.stat().st_size for path in files}
    manifest = target / "manifest.json"
    told = {"version": version, "files": listed, "sizes": sizes}
    manifest.write_text(json.dumps(told, indent=1) + "\n")
    return manifest


def _run(*argv: str) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundleFailed(done.stderr.strip() or done.stdout.strip())
