"""The kit for running a cloud: container, compose file, balancer and units fit each other and the program.

Nothing is started here; `tests/install/test_container.py` builds and runs what this reads.
"""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cloud import cli, command_line, config

KIT = Path(cli.__file__).parent / "operations/kit"
UNITS = sorted((KIT / "systemd").glob("*.*"))


def _compose() -> dict[str, Any]:
    composed: dict[str, Any] = msgspec.yaml.decode((KIT / "compose.yml").read_bytes())
    return composed


def _says(arguments: list[str]) -> None:
    """The program understands this command line."""
    command_line.parser().parse_args(arguments)


def _instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (KIT / "Containerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_runs_the_program_as_nobody_special() -> None:
    said = dict(_instructions())
    last = [word for word, _ in _instructions()]
    assert last.index("USER") < last.index("ENTRYPOINT")
    assert int(said["USER"].partition(":")[0]) > 0
    assert msgspec.json.decode(said["ENTRYPOINT"]) == ["holdfast-cloud"]
    _says(msgspec.json.decode(said["CMD"]))
    assert said["EXPOSE"] in said["HEALTHCHECK"]
    for word, rest in _instructions():
        if word == "FROM":
            assert re.fullmatch(r"\$\{BASE\}( AS \w+)?", rest), f"{rest} has no fixed version"
        if word == "ARG":
            assert re.search(r"^BASE=.*:\d[\w.-]+$", rest), f"{rest} has no fixed version"
        if word == "RUN":
            assert "sudo" not in rest
            assert "pip" not in rest or "--no-cache-dir" in rest
        assert word != "ADD", "COPY says what it does"


def test_two_processes_a_worker_postgres_and_a_balancer() -> None:
    services = _compose()["services"]
    assert {"cloud", "worker", "postgres", "balancer"} <= services.keys()
    assert services["cloud"]["deploy"]["replicas"] == 2
    for name in ("cloud", "worker"):
        _says(services[name]["command"])
        made = config.from_environment(
            {key: str(each) for key, each in services[name]["environment"].items()}
        )
        assert made.works == (name == "worker")
        stops_s = int(services[name]["stop_grace_period"].removesuffix("s"))
        assert stops_s > made.linger_s + made.drain_s + 5
    for name, service in services.items():
        assert re.search(r":v?\d", service["image"]) or service["image"] == "holdfast-cloud", name
        for other in service.get("depends_on", ()):
            assert other in services
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in _compose()["volumes"] or (KIT / source).is_file(), volume


def test_the_balancer_asks_what_the_process_answers() -> None:
    text = (KIT / "haproxy.cfg").read_text()
    assert "option httpchk GET /readyz" in text
    said = dict(_instructions())
    assert f"cloud:{said['EXPOSE']}" in text


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_run_commands_that_there_are(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text())
    if path.suffix == ".timer":
        assert path.with_suffix(".service") in UNITS
        return
    service = dict(unit["Service"])
    program, *arguments = shlex.split(service["ExecStart"])
    assert program == "/opt/holdfast/bin/holdfast-cloud"
    _says(arguments)
    environment = dict(
        pair.split("=") for pair in service.get("Environment", "").replace("%i", "8081").split()
    )
    made = config.from_environment(environment)
    if service.get("TimeoutStopSec"):
        assert int(service["TimeoutStopSec"]) > made.linger_s + made.drain_s + 5
    assert service["User"] != "root"
    assert service["NoNewPrivileges"] == "yes"


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Where systemd is: it reads them as it would on a server, with a program that is there."""
    analyze = shutil.which("systemd-analyze")
    copies = []
    for path in UNITS:
        copy = tmp_path / path.name.replace("@", "@8081")
        copy.write_text(path.read_text().replace("/opt/holdfast/bin/holdfast-cloud", "/bin/true"))
        copies.append(str(copy))
    assert len(copies) == 4
    if analyze is not None:
        read = subprocess.run([analyze, "verify", *copies], capture_output=True, text=True, check=False)
        ours = [line for line in read.stderr.splitlines() if str(tmp_path) in line or "holdfast" in line]
        assert ours == []
