"""A container engine (Podman) with everything it keeps in a folder of its own, and images without a registry.

The kit names official images. Where this runs there may be no registry, so the store is given images of the
same names that are made here: the base is the Debian of these tests, `tests/install/containers` has the
others. Files of the kit are then read and run to the letter. Needs root; builds fetch from Debian, PyPI and
npm as this machine does.
"""

import os
import resource
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import msgspec

TREE = Path(__file__).parents[2]
KIT = TREE / "cloud/operations/kit"
STAND_INS = Path(__file__).parent / "containers"
BASE = "docker.io/library/python:3.11-slim-bookworm"
#: By the name of their stage.
OTHERS = {
    "postgres": "docker.io/library/postgres:17-bookworm",
    "balancer": "docker.io/library/haproxy:3.0-bookworm",
}
#: Where the base has what this machine trusts; a mirror's certificate is often one of a company's own.
_TRUSTED = "/usr/local/share/trusted.pem"
_TRUSTING = ("PIP_CERT", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")
#: Which mirrors it asks.
_MIRRORS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NPM_CONFIG_REGISTRY")
#: runc knows old, new and mixed cgroups; a limit that is not named is raised to what this machine may forbid.
_CONFIG = """
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc=16384:16384"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


class Engine:
    """Podman, with all it keeps in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in ("podman", "podman-compose", "runc"):
            if shutil.which(name) is None:
                raise RuntimeError(f"{name} is missing; `make test-install` brings it")
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        files = 65_536 if most == resource.RLIM_INFINITY else min(most, 65_536)
        (folder / "containers.conf").write_text(_CONFIG.format(files=files))
        kept = (("root", "store"), ("runroot", "run"), ("network-config-dir", "networks"))
        options = " ".join(f"--{option} {folder / name}" for option, name in kept)
        # Others call it, too: podman-compose, and conmon where a container ends.
        program = folder / "podman"
        program.write_text(f'#!/bin/sh\nexec {shutil.which("podman")} {options} "$@"\n')
        program.chmod(0o755)
        self._around = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf")}

    def __call__(self, *words: str, within_s: float = 600) -> str:
        """What `podman` with these words prints; it has to succeed."""
        return self._run([str(self._folder / "podman"), *words], within_s)

    def well(self, container: str) -> bool:
        """Whether the container's own question about its health is answered well."""
        argv = [str(self._folder / "podman"), "healthcheck", "run", container]
        return subprocess.run(argv, capture_output=True, env=self._around, check=False).returncode == 0

    def inspected(self, name: str) -> dict[str, Any]:
        """All that is known of a container or an image."""
        found: list[dict[str, Any]] = msgspec.json.decode(self("inspect", name))
        return found[0]

    def compose(self, *words: str, **settings: str) -> str:
        """`podman-compose` with the kit's file."""
        tool = ["podman-compose", "--podman-path", str(self._folder / "podman")]
        return self._run([*tool, "-f", str(KIT / "compose.yml"), *words], 900, settings)

    def _run(self, argv: list[str], within_s: float, settings: dict[str, str] | None = None) -> str:
        around = {**self._around, **(settings or {})}
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=within_s, check=False, env=around, cwd=TREE
        )
        assert done.returncode == 0, f"{' '.join(argv)}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def make_base(self, debian: Path) -> None:
        """The base image out of a Debian in a folder."""
        packed = self._folder / "base.tar"
        subprocess.run(
            ["tar", "--create", "--directory", str(debian), "--file", str(packed), "."], check=True
        )
        self("import", "--quiet", str(packed), "localhost/debian")
        packed.unlink()
        context = self._folder / "base"
        context.mkdir()
        trusted = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
        shutil.copy(trusted, context / "trusted.pem")
        known = dict.fromkeys(_TRUSTING, _TRUSTED)
        known |= {name: os.environ[name] for name in _MIRRORS if name in os.environ}
        lines = [f'ENV {name}="{value}"' for name, value in known.items()]
        lines = ["FROM localhost/debian", f"COPY trusted.pem {_TRUSTED}", *lines]
        (context / "Containerfile").write_text("\n".join(lines))
        self("build", "--quiet", "--tag", BASE, str(context))

    def make_ours(self) -> None:
        """The image of the kit, as its first lines say."""
        where = ("--file", str(KIT / "Containerfile"), "--tag", "holdfast-cloud", str(TREE))
        # Its network is this machine's: nothing is to be known of its bridges to reach a mirror.
        self("build", "--format", "docker", "--network", "host", *where, within_s=1500)

    def make_others(self) -> None:
        """What stands beside it."""
        for stage, name in OTHERS.items():
            how = ("--network", "host", "--target", stage, "--tag", name)
            self("build", "--format", "docker", *how, str(STAND_INS), within_s=1500)

    def close(self) -> None:
        """Everything is gone afterwards, also what did not want to."""
        self("rm", "--force", "--all", "--time", "0")
        self("network", "prune", "--force")
        # The store is where it keeps itself mounted.
        subprocess.run(["umount", "--recursive", str(self._folder / "store/overlay")], capture_output=True)
        shutil.rmtree(self._folder, ignore_errors=True)
